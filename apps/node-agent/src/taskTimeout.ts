import { FarmError } from '@reelmill/protocol';

/** Even the shortest task may take this long: a machine may be busy with other things. */
const floorSeconds = 600;
/** The prediction counts CPU seconds of one fast core; an old or loaded machine takes many times as long. */
const expectedFactor = 60;

/** How long one run of FFmpeg may take in all. */
export interface TaskTimeout {
  readonly limitMs: number;
  error(framesDone: number): FarmError;
}

/** `chosenSeconds`: the setting FFMPEG_TIMEOUT, else null: by expected work. `nodeName` is for the reader of the error. */
export function taskTimeout(
  { expectedSeconds }: { readonly expectedSeconds?: number | undefined },
  { chosenSeconds, nodeName }: { readonly chosenSeconds: number | null; readonly nodeName: string },
): TaskTimeout {
  const expected = expectedSeconds ?? 0;
  const seconds = chosenSeconds ?? Math.round(floorSeconds + expectedFactor * expected);
  const reason =
    chosenSeconds === null
      ? `its limit without the setting FFMPEG_TIMEOUT: ${floorSeconds} s and ${expectedFactor} times the ${expected.toFixed(1)} s of expected work`
      : 'its FFMPEG_TIMEOUT';
  return {
    limitMs: seconds * 1000,
    error: (framesDone) =>
      new FarmError('FFMPEG_TIMEOUT', {
        message: `FFmpeg was not done after ${seconds} s on ${nodeName}, ${reason}.`,
        fix: `Check the load of ${nodeName}; where the work really takes so long, start its agent with FFMPEG_TIMEOUT above ${seconds} (seconds; also --ffmpeg-timeout).`,
        details: { setting: 'FFMPEG_TIMEOUT', seconds, framesDone },
      }),
  };
}
