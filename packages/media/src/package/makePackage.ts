import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BugError, FarmError, type PackageKind } from '@reelmill/protocol';
import { plannedTicks } from '../assemble/joinTimeline.ts';
import { soundTracks } from '../audio/soundTracks.ts';
import type { FilmManifest } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { dashManifest } from './dashManifest.ts';
import { mediaPlaylist, multivariantPlaylist, playlistName, subtitlePlaylist } from './hlsPlaylists.ts';
import { type AudioSource, packageArgs, type VideoSource } from './packageArgs.ts';
import { packageChapters } from './packageChapters.ts';
import {
  type AudioTrack,
  type PackageContent,
  type PackagedTrack,
  type SubtitleTrack,
  segmentsOf,
  type VideoTrack,
} from './packagedTrack.ts';
import { packageSubtitles } from './packageSubtitles.ts';
import { writeSegmentIndex } from './segmentIndex.ts';
import { readTrackFile, type TrackFile } from './trackFile.ts';
import { languageOf, trackNames } from './trackNames.ts';
import { verifyPackage } from './verifyPackage.ts';

export interface PackageOrder {
  readonly kind: PackageKind;
  readonly segmentSeconds: number;
  /** The finished renditions in the order asked for; sound and subtitles are those of the first. */
  readonly renditions: readonly { readonly manifest: FilmManifest; readonly path: string }[];
  /** An empty folder, or a name for a new one. */
  readonly folder: string;
  /** 0 to 100. */
  readonly onProgress?: (percent: number) => void;
}

/**
 * Copies finished renditions into a package: a file per track, the playlists asked for, everything read back and
 * compared with the plan. The same renditions give the same bytes.
 * @throws FarmError VERIFY_FAILED, FRAME_COUNT, TIMESTAMPS_WRONG, DISK_FULL, CANCELED
 */
export async function makePackage(order: PackageOrder, run: RunOptions): Promise<void> {
  const { renditions, folder } = order;
  const [first] = renditions;
  if (first === undefined) throw new BugError('a package of nothing');
  await mkdir(folder, { recursive: true });
  const videos = renditions.map(({ manifest, path }) => {
    const fileName = `video-${manifest.rendition}.mp4`;
    return { manifest, inputPath: path, fileName, outputPath: join(folder, fileName) };
  });
  const audios = soundsOf(first.manifest, folder);
  await copyTracks(order, { videos, audios }, run);
  const tracks = {
    videos: await Promise.all(videos.map(videoTrack)),
    audios: await Promise.all(audios.map(audioTrack)),
  };
  await verifyPackage({ videos, audios, soundOf: first.path }, run);
  const subtitles = await subtitlesOf(order, tracks.videos, run);
  const { chapters } = first.manifest.side;
  const appleChapters = await packageChapters({ kind: order.kind, chapters, folder }, run);
  await writePlaylists(order, { ...tracks, subtitles, appleChapters });
  await assertNothingEmpty(folder);
  order.onProgress?.(100);
}

async function subtitlesOf(
  { kind, renditions, folder }: PackageOrder,
  [video]: readonly VideoTrack[],
  run: RunOptions,
): Promise<SubtitleTrack[]> {
  const [rendition] = renditions;
  if (rendition === undefined || video === undefined) throw new BugError('a package of nothing');
  return packageSubtitles({ kind, rendition, video, folder }, run);
}

type Named<Source> = Source & { readonly fileName: string };

async function copyTracks(
  { segmentSeconds, onProgress, renditions }: PackageOrder,
  { videos, audios }: { videos: readonly VideoSource[]; audios: readonly AudioSource[] },
  run: RunOptions,
): Promise<void> {
  const lengthSeconds = renditions[0]?.manifest.durationSeconds ?? 0;
  await runFfmpeg(packageArgs(videos, audios, segmentSeconds), run, {
    failureCode: 'VERIFY_FAILED',
    onProgress: ({ outTimeSeconds }) => {
      if (lengthSeconds > 0) onProgress?.(Math.min(80, (80 * (outTimeSeconds ?? 0)) / lengthSeconds));
    },
  });
}

async function indexed(path: string, fileName: string): Promise<PackagedTrack> {
  const file: TrackFile = await readTrackFile(path);
  const { codec, timescale, indexOffset, indexSizeBytes } = file;
  const track = { fileName, codec, timescale, indexOffset, indexSizeBytes, segments: segmentsOf(file) };
  await writeSegmentIndex(path, track);
  return track;
}

async function videoTrack({ manifest, outputPath, fileName }: Named<VideoSource>): Promise<VideoTrack> {
  const { width, height, colorArgs } = manifest.video;
  const transfer = colorArgs[colorArgs.indexOf('-color_trc') + 1];
  const range = transfer === 'smpte2084' ? 'PQ' : transfer === 'arib-std-b67' ? 'HLG' : 'SDR';
  const track = await indexed(outputPath, fileName);
  return { ...track, rendition: manifest.rendition, width, height, range, frameRate: frameRateOf(manifest) };
}

async function audioTrack({ audio, name, isDefault, outputPath, fileName }: Sound): Promise<AudioTrack> {
  const { channels, sampleRate, labels } = audio;
  const track = await indexed(outputPath, fileName);
  return { ...track, name, language: languageOf(labels.language), channels, sampleRate, isDefault };
}

type Sound = Named<AudioSource> & Pick<AudioTrack, 'name' | 'isDefault'>;

/** Players begin with the one that is the main track of the rendition. */
function soundsOf(manifest: FilmManifest, folder: string): Sound[] {
  const tracks = soundTracks(manifest);
  const names = trackNames(
    tracks.map(({ audio }) => audio.labels),
    'Sound',
  );
  return tracks.map(({ name, audio }, track) => {
    const fileName = `${name}.mp4`;
    return {
      ...{ audio, track, fileName, outputPath: join(folder, fileName) },
      ...{ name: names[track] ?? name, isDefault: audio === manifest.audio },
    };
  });
}

function frameRateOf(manifest: FilmManifest): VideoTrack['frameRate'] {
  const { num, den } = manifest.timeBase;
  const ticks = [...plannedTicks(manifest)];
  const step = (ticks[1] ?? 0) - (ticks[0] ?? 0);
  const isExact = step > 0 && ticks.every((time, at) => time === at * step);
  if (!isExact) return { num: manifest.frames, den: manifest.durationSeconds, isExact };
  const divisor = greatestDivisor(den, num * step);
  return { num: den / divisor, den: (num * step) / divisor, isExact };
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

async function writePlaylists({ kind, folder }: PackageOrder, content: PackageContent): Promise<void> {
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { flag: 'wx' });
  if (kind !== 'dash') {
    for (const track of [...content.videos, ...content.audios]) await write(playlistName(track), mediaPlaylist(track));
    for (const track of content.subtitles) await write(`${track.id}.m3u8`, subtitlePlaylist(track));
    await write('index.m3u8', multivariantPlaylist(content));
  }
  if (kind !== 'hls') await write('manifest.mpd', dashManifest(content));
}

/** A disk that filled up with the last bytes leaves empty files without an error on some systems. */
async function assertNothingEmpty(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if ((await stat(join(folder, name))).size > 0) continue;
    throw new FarmError('VERIFY_FAILED', { message: `${name} of the package is empty.` });
  }
}
