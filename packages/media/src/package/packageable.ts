import path from 'node:path';
import { FarmError, type Preset, packageOutputId } from '@reelmill/protocol';
import { type OutputNaming, outputName } from '../presets/outputName.ts';

const packagedCodecs = ['h264', 'hevc', 'av1'];

/**
 * Refuses presets whose renditions no player of packages takes, before anything is read.
 * @param presets with the settings of the job applied
 * @throws FarmError REQUEST_INVALID
 */
export function assertPackageable(presets: readonly Preset[]): void {
  for (const { id, container, video, audio } of presets) {
    const isHardware = video !== null && 'encoder' in video && video.encoder === 'hardware';
    const codec = video?.codec ?? 'no picture';
    if (container === 'mp4' && packagedCodecs.includes(codec) && audio.codec === 'aac' && !isHardware) continue;
    throw new FarmError('REQUEST_INVALID', {
      message: `package: ${id} writes ${container} with ${codec}${isHardware ? ' by hardware' : ''} and ${audio.codec}; a package takes presets that write MP4 with H.264, HEVC or AV1 by software and AAC.`,
      details: { preset: id, container, video: codec, audio: audio.codec },
    });
  }
}

/** The name of a package's folder, by default `{source}_package`, as safe as that of an output. */
export function packageName(sourcePath: string, naming?: OutputNaming): string {
  return path.parse(outputName(sourcePath, { id: packageOutputId, container: 'mp4' }, naming)).name;
}
