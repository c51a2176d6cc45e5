import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError, type PackageKind } from '@reelmill/protocol';
import type { FilmManifest } from '../manifest.ts';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets } from '../verify/readPackets.ts';
import { endSeconds, mediaZeroSeconds, type SubtitleTrack, type VideoTrack } from './packagedTrack.ts';
import { languageOf, trackNames } from './trackNames.ts';
import { type Cue, cuesOfSegments, cuesOfSubRip, webVttFile, webVttSegment } from './webVtt.ts';

export interface SubtitleOrder {
  readonly kind: PackageKind;
  /** The first rendition, whose tracks they are, in its order. */
  readonly rendition: { readonly manifest: FilmManifest; readonly path: string };
  /** The first picture: segments begin and end with its own. */
  readonly video: VideoTrack;
  readonly folder: string;
}

/**
 * Writes the subtitle tracks of a finished rendition as WebVTT: a whole file, and one whose ranges of bytes are the
 * segments of HLS.
 * @throws FarmError VERIFY_FAILED where FFmpeg reads other lines than the rendition has; DISK_FULL, CANCELED
 */
export async function packageSubtitles(order: SubtitleOrder, run: RunOptions): Promise<SubtitleTrack[]> {
  const planned = order.rendition.manifest.side.subtitles;
  const names = trackNames(
    planned.map(({ labels }) => labels),
    'Subtitles',
  );
  const firstDefault = planned.findIndex(({ labels }) => labels.dispositions.includes('default'));
  const tracks: SubtitleTrack[] = [];
  for (const [track, { labels }] of planned.entries()) {
    const id = track === 0 ? 'subtitle' : `subtitle-${track}`;
    tracks.push({
      ...{ id, name: names[track] ?? id, language: languageOf(labels.language) },
      isDefault: track === firstDefault,
      isForced: labels.dispositions.includes('forced'),
      isForDeaf: labels.dispositions.includes('hearing_impaired'),
      ...(await writeTrack(id, await readCues(order.rendition.path, track, run), { ...order, run })),
    });
  }
  return tracks;
}

type TrackFiles = Pick<SubtitleTrack, 'fileName' | 'segmentsFileName' | 'segments' | 'bandwidth'>;

/** The whole file also stands in packages for HLS alone: it is what was read back. */
async function writeTrack(
  id: string,
  cues: readonly Cue[],
  { kind, folder, video, run }: SubtitleOrder & { readonly run: RunOptions },
): Promise<TrackFiles> {
  const files = { fileName: `${id}.vtt`, segmentsFileName: `${id}-segments.vtt` };
  const [path, segmentsPath] = [join(folder, files.fileName), join(folder, files.segmentsFileName)];
  const whole = webVttFile(cues);
  await writeFile(path, whole, { flag: 'wx' });
  await assertSameCues(path, cues, run);
  const bandwidth = Math.max(1, Math.ceil((8 * Buffer.byteLength(whole)) / Math.max(1, endSeconds(video))));
  return { ...files, bandwidth, segments: kind === 'dash' ? [] : await writeSegments(segmentsPath, cues, video) };
}

async function readCues(path: string, track: number, run: RunOptions): Promise<Cue[]> {
  const input = ['-copyts', ...inputGuardArgs('mov'), '-i', `file:${path}`, '-map', `0:s:${track}`];
  const { stdout } = await runFfmpeg([...input, '-c:s', 'subrip', '-f', 'srt', '-'], run, {
    failureCode: 'VERIFY_FAILED',
  });
  return cuesOfSubRip(stdout);
}

async function writeSegments(
  path: string,
  cues: readonly Cue[],
  video: VideoTrack,
): Promise<SubtitleTrack['segments']> {
  const { segments, timescale } = video;
  const startsMs = segments.map(({ startTicks }) => 1000 * (startTicks / timescale - mediaZeroSeconds));
  const texts = cuesOfSegments(cues, startsMs).map((held) => Buffer.from(webVttSegment(held)));
  await writeFile(path, Buffer.concat(texts), { flag: 'wx' });
  let offset = 0;
  return segments.map(({ durationTicks }, at) => {
    const sizeBytes = texts[at]?.length ?? 0;
    offset += sizeBytes;
    return { offset: offset - sizeBytes, sizeBytes, durationSeconds: durationTicks / timescale };
  });
}

/** What FFmpeg reads has to be what was written. @throws FarmError VERIFY_FAILED */
export async function assertSameCues(path: string, cues: readonly Cue[], run: RunOptions): Promise<void> {
  const [found] = cues.length === 0 ? [] : await readPackets(path, run);
  const times = [...cues].map(({ startMs, endMs }) => `${startMs}+${endMs - startMs}`).sort();
  const read = (found?.pts ?? []).map((pts, at) => `${pts}+${found?.durations[at] ?? 0}`).sort();
  if (times.join() === read.join()) return;
  throw new FarmError('VERIFY_FAILED', {
    message: 'The texts of the package are not those of the rendition.',
    details: { path, expected: times.length, found: read.length },
  });
}
