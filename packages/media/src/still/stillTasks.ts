import { chunkOverheadSeconds } from '../plan/encodeCost.ts';
import type { ExtractSpec, Passage, StillManifest } from './stillManifest.ts';

export interface StillTask {
  readonly spec: ExtractSpec;
  /** Picked frames that its output holds. */
  readonly frames: number;
  readonly costSeconds: number;
}

/** All farm tasks of a plan, in order of time. Pure. */
export function stillTasks(manifest: StillManifest): StillTask[] {
  const { demuxer, streamIndex, picture, output } = manifest;
  const decoderThreads = manifest.frameEvidence === 'decoded' && manifest.plan === 'whole' ? null : 1;
  const common = { kind: 'extract', demuxer, streamIndex, decoderThreads, picture, output } as const;
  const costSeconds = chunkOverheadSeconds + manifest.chunkSeconds / 10;
  if (output.form === 'picture') {
    return [{ spec: { ...common, firstNumber: 1, passages: manifest.passages }, frames: 1, costSeconds }];
  }
  let firstNumber = 1;
  return manifest.passages.map((passage) => {
    const spec = { ...common, firstNumber, passages: [passage] };
    firstNumber += imagesOf(manifest, passage);
    return { spec, frames: passage.picks.length, costSeconds };
  });
}

/** Picked frames that the whole output holds. */
export const stillFrames = (manifest: StillManifest): number =>
  stillTasks(manifest).reduce((sum, task) => sum + task.frames, 0);

/** Image files that a passage becomes. */
export function imagesOf({ output }: Pick<StillManifest, 'output'>, passage: Passage): number {
  switch (output.form) {
    case 'frames':
      return passage.picks.length;
    case 'sheets':
      return Math.ceil(passage.picks.length / (output.columns * output.rows));
    default:
      return 1;
  }
}

const extensions = { jpeg: 'jpg', png: 'png', webp: 'webp', gif: 'gif' } as const;

/** Ending of the images of an output. */
export const imageExtension = (output: StillManifest['output']): string =>
  extensions['format' in output ? output.format : 'jpeg'];

/** Several images travel and are delivered together: from an agent as one archive, to the user as a folder. */
export const isFolder = ({ form }: StillManifest['output']): boolean => form === 'frames' || form === 'sheets';

/** Ending of what one task makes. */
export const partExtension = (output: StillManifest['output']): string =>
  isFolder(output) ? 'tar' : imageExtension(output);

/** Name of one image of a folder; numbers begin with 1. */
export const imageName = (output: StillManifest['output'], number: number): string =>
  output.form === 'sheets'
    ? `sheet_${String(number).padStart(4, '0')}.${imageExtension(output)}`
    : `frame_${String(number).padStart(6, '0')}.${imageExtension(output)}`;
