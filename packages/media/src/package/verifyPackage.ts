import { FarmError } from '@reelmill/protocol';
import { plannedTicks, videoDelaySeconds } from '../assemble/joinTimeline.ts';
import type { Manifest } from '../manifest.ts';
import type { RunOptions } from '../process/tools.ts';
import { checkDecodeOrder, checkFrameCount, checkFrameTimes } from '../verify/checkPackets.ts';
import { readPackets, type StreamPackets } from '../verify/readPackets.ts';
import { mediaZeroSeconds } from './packagedTrack.ts';
import { readTrackFile, type TrackFile } from './trackFile.ts';

export interface PackageFiles {
  readonly videos: readonly { readonly manifest: Manifest; readonly outputPath: string }[];
  readonly audios: readonly { readonly outputPath: string }[];
  /** The rendition whose sound it is. */
  readonly soundOf: string;
}

/**
 * Proves the track files of a package: every segment of every rendition begins with its only key frame at the planned
 * frame and time and holds the planned frames, and FFprobe lists every frame at its time; the sound has every packet
 * of the rendition it comes from, at the same distance from the picture.
 * @throws FarmError VERIFY_FAILED, FRAME_COUNT, TIMESTAMPS_WRONG, CANCELED
 */
export async function verifyPackage({ videos, audios, soundOf }: PackageFiles, run: RunOptions): Promise<void> {
  for (const { manifest, outputPath } of videos) {
    checkSegments(manifest, await readTrackFile(outputPath));
    const [packets] = await readPackets(outputPath, run);
    if (!packets) throw new FarmError('VERIFY_FAILED', { message: `${manifest.rendition} is empty in the package.` });
    checkFrameCount(manifest, packets);
    checkDecodeOrder(packets);
    checkFrameTimes(manifest, packets);
  }
  if (audios.length === 0) return;
  const sounds = (await readPackets(soundOf, run)).filter(({ codecType }) => codecType === 'audio');
  for (const [track, { outputPath }] of audios.entries()) {
    checkSound(track, sounds[track], (await readPackets(outputPath, run))[0]);
  }
}

/** Below any tick: what is left of sums of fractions. */
const toleranceSeconds = 1e-6;

function checkSegments(manifest: Manifest, { fragments, timescale }: TrackFile): void {
  const { rendition, segmentStarts: starts = [] } = manifest;
  const fail = (problem: string): never => {
    throw new FarmError('VERIFY_FAILED', { message: `The package is not as planned: ${rendition} has ${problem}.` });
  };
  if (fragments.length !== starts.length) fail(`${fragments.length} segments instead of ${starts.length}`);
  const ticks = [...plannedTicks(manifest)];
  const zeroSeconds = mediaZeroSeconds + videoDelaySeconds(manifest);
  for (const [at, { samples, keyFrames, firstPts }] of fragments.entries()) {
    const [start = 0, end = manifest.frames] = starts.slice(at, at + 2);
    if (samples !== end - start) fail(`${samples} frames instead of ${end - start} in segment ${at}`);
    if (keyFrames.join() !== '0') fail(`key frames elsewhere than at the start of segment ${at}`);
    const planned = zeroSeconds + ((ticks[start] ?? 0) * manifest.timeBase.num) / manifest.timeBase.den;
    // a delay of the picture is rounded to a tick by the join
    if (Math.abs(firstPts / timescale - planned) > 0.5 / timescale + toleranceSeconds) {
      fail(`segment ${at} at ${firstPts / timescale} s instead of ${planned} s`);
    }
  }
}

function checkSound(track: number, from: StreamPackets | undefined, to: StreamPackets | undefined): void {
  const times = (packets: StreamPackets | undefined): number[] =>
    (packets?.pts ?? []).map((pts) => (pts * (packets?.timeBase.num ?? 0)) / (packets?.timeBase.den ?? 1));
  const [expected, found] = [times(from), times(to)];
  const wrong = expected.findIndex(
    (seconds, at) => !(Math.abs((found[at] ?? Number.NaN) - seconds - mediaZeroSeconds) <= 1e-3),
  );
  if (expected.length > 0 && expected.length === found.length && wrong < 0) return;
  throw new FarmError('VERIFY_FAILED', {
    message: `Sound ${track + 1} of the package is not that of the rendition.`,
    details: { track, expected: expected.length, found: found.length, packet: wrong },
  });
}
