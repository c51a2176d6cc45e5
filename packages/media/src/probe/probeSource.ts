import { stat } from 'node:fs/promises';
import { FarmError } from '@reelmill/protocol';
import { z } from 'zod';
import { chooseAudioTrack } from '../audio/audioTrack.ts';
import { inputGuardArgs, runFfprobe } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readDemuxer } from './checkSource.ts';
import { assertNotTruncated } from './checkTruncation.ts';
import { hdr10Of } from './hdr10.ts';
import type { FileFacts } from './indexSource.ts';
import type { AudioTrackInfo, MediaInfo, SoundInfo, VideoTrack } from './mediaInfo.ts';
import { parseProbe, parseSoundProbe } from './parseProbe.ts';
import { limitInLog, readLimits, withinLimits } from './readLimits.ts';

/**
 * Reads what a source says of itself, with the sound's starts as they decode: tracks, container start, duration.
 * @throws FarmError NO_VIDEO, UNSUPPORTED_MEDIA, SOURCE_TRUNCATED, MEDIA_LIMIT_EXCEEDED, and those of `checkSource`
 */
export async function probeSource(path: string, run: RunOptions): Promise<MediaInfo> {
  return withDecodedStarts(await probeHeaders(path, run), path, { ...run, soundStarts: new Map() });
}

/** The headers alone. @throws FarmError as `probeSource` */
export async function probeHeaders(path: string, run: RunOptions): Promise<MediaInfo> {
  return readHeaders(path, await fileFacts(path), run);
}

/** What the first and last bytes tell. @throws FarmError UNSUPPORTED_MEDIA, SOURCE_TRUNCATED, those of `checkSource` */
export async function fileFacts(path: string): Promise<FileFacts> {
  const demuxer = await readDemuxer(path);
  const { size: sizeBytes } = await stat(path);
  await assertNotTruncated(path, demuxer);
  return { demuxer, sizeBytes };
}

/** The headers of a file that was looked at already. @throws FarmError as `probeSource` */
export async function readHeaders(path: string, file: FileFacts, run: RunOptions): Promise<MediaInfo> {
  return parseProbe(await probed(path, file, run), file);
}

/** The headers for a preset of sound alone. @throws FarmError NO_AUDIO, and those of `probeSource` but NO_VIDEO */
export async function readSoundHeaders(path: string, file: FileFacts, run: RunOptions): Promise<SoundInfo> {
  return parseSoundProbe(await probed(path, file, run), file);
}

async function probed(path: string, { demuxer }: FileFacts, run: RunOptions): Promise<unknown> {
  const args = [...inputGuardArgs(demuxer), '-show_streams', '-show_format', '-show_chapters', '-of', 'json'];
  const { stdout, log } = await withinLimits(run, readLimits.probeSeconds, (limited) =>
    runFfprobe([...args, `file:${path}`], limited, { failureCode: 'UNSUPPORTED_MEDIA' }),
  );
  const limit = limitInLog(log);
  if (limit !== null) throw limit;
  return readJson(stdout, path);
}

/** So many processes at once look for first samples. */
const startsAtOnce = 4;

export interface StartOptions extends RunOptions {
  /** By stream: seconds at which sound was seen to start already. */
  readonly soundStarts: ReadonlyMap<number, number>;
}

/**
 * Headers may be a few frames early (edit lists, priming), so the first samples are decoded; HDR10 metadata often lies
 * in the first picture only.
 */
export async function withDecodedStarts(info: MediaInfo, path: string, run: StartOptions): Promise<MediaInfo> {
  return withinLimits(run, readLimits.probeSeconds, async (limited) => ({
    ...info,
    audioTracks: await decodeStarts(info, path, limited),
    video: await withDecodedHdr10(info, path, limited),
  }));
}

/** The same for a preset of sound alone. */
export async function withSoundStarts(info: SoundInfo, path: string, run: StartOptions): Promise<SoundInfo> {
  return withinLimits(run, readLimits.probeSeconds, async (limited) => ({
    ...info,
    audioTracks: await decodeStarts(info, path, limited),
  }));
}

async function decodeStarts(info: SoundInfo, path: string, run: StartOptions): Promise<AudioTrackInfo[]> {
  const audioTracks: AudioTrackInfo[] = [];
  const main = chooseAudioTrack(info.audioTracks);
  for (let at = 0; at < info.audioTracks.length; at += startsAtOnce) {
    const some = info.audioTracks.slice(at, at + startsAtOnce).map(async (track) => {
      try {
        return await withDecodedStart(track, info, { path, run });
      } catch (thrown) {
        // a further track that no decoder knows is left out, and the plan says so
        if (track === main || !(thrown instanceof FarmError) || thrown.code !== 'UNSUPPORTED_MEDIA') throw thrown;
        return { ...track, hasSamples: false };
      }
    });
    audioTracks.push(...(await Promise.all(some)));
  }
  return audioTracks;
}

async function withDecodedHdr10({ video, demuxer }: MediaInfo, path: string, run: RunOptions): Promise<VideoTrack> {
  if (video.hdr10 !== null || video.colorTransfer !== 'smpte2084') return video;
  const args = [
    ...inputGuardArgs(demuxer),
    ...['-select_streams', String(video.index), '-read_intervals', '%+#8'],
    ...['-show_entries', 'frame_side_data', '-of', 'json', `file:${path}`],
  ];
  const answer = FirstFrames.safeParse(readJson((await runFfprobe(args, run)).stdout, path));
  const sides = answer.success ? answer.data.frames.flatMap((frame) => frame.side_data_list) : [];
  return { ...video, hdr10: hdr10Of(sides) };
}

const FirstFrames = z.looseObject({
  frames: z.array(z.looseObject({ side_data_list: z.array(z.record(z.string(), z.unknown())).default([]) })),
});

function readJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FarmError('UNSUPPORTED_MEDIA', { message: `${path} cannot be read as media.`, cause, details: { path } });
  }
}

async function withDecodedStart(
  track: AudioTrackInfo,
  info: SoundInfo,
  { path, run }: { path: string; run: StartOptions },
): Promise<AudioTrackInfo> {
  const startSeconds = run.soundStarts.get(track.index);
  if (startSeconds !== undefined) return { ...track, startSeconds };
  const args = [
    ...inputGuardArgs(info.demuxer),
    ...['-select_streams', String(track.index), '-read_intervals', '%+#20'],
    ...['-show_entries', 'frame=pts_time', '-of', 'csv=p=0', `file:${path}`],
  ];
  const { stdout } = await runFfprobe(args, run, { failureCode: 'UNSUPPORTED_MEDIA' });
  const first = Number.parseFloat(stdout.split('\n')[0] ?? '');
  return Number.isFinite(first) ? { ...track, startSeconds: first } : { ...track, hasSamples: false };
}
