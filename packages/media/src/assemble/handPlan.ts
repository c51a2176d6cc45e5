// Used by tests only: plans and encodes chunks without the planner, so that the join is tested on its own.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RenditionId } from '@reelmill/protocol';
import { encodeAudio } from '../audio/encodeAudio.ts';
import { soundTracks } from '../audio/soundTracks.ts';
import type {
  AudioReport,
  Chunk,
  DeltaRuns,
  FilmManifest,
  Rational,
  ResolvedAudio,
  ResolvedVideo,
} from '../manifest.ts';
import { noSide } from '../plan/sidePlan.ts';
import { noLabels } from '../probe/sourceExtras.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { readPackets } from '../verify/readPackets.ts';
import { phaseMicroseconds } from './joinTimeline.ts';

type Container = ResolvedVideo['chunkContainer'];

export interface HandPlan {
  readonly sourcePath: string;
  readonly demuxer: string;
  readonly folder: string;
  readonly chunkFrames: number;
  readonly container: Container;
  /** The sound as resolved, but for what follows from the picture. */
  readonly audio: Omit<ResolvedAudio, 'offsetSeconds' | 'labels' | 'loudness'> | null;
  readonly rotationTag?: number;
}

export interface HandMade {
  readonly manifest: FilmManifest;
  readonly segmentPaths: string[];
  readonly audioPaths: readonly string[];
  readonly sounds: readonly AudioReport[];
  readonly outputPath: string;
}

const encoders: Record<Container, string[]> = {
  mp4: ['libx264', '-preset', 'ultrafast', '-bf', '2', '-threads', '1'],
  mov: ['prores_ks', '-profile:v', '0'],
  mkv: ['ffv1', '-level', '3', '-slices', '4'],
};

/** Plans, encodes every chunk by a decode of the whole source, and encodes the sound. */
export async function makeByHand(plan: HandPlan, run: RunOptions): Promise<HandMade> {
  await mkdir(plan.folder, { recursive: true });
  const video = (await readPackets(plan.sourcePath, run)).find(({ codecType }) => codecType === 'video');
  if (!video) throw new Error('the source has no picture');
  const times = video.pts.filter((_, at) => video.shown[at]).sort((left, right) => left - right);
  const manifest = manifestOf(plan, times, video.timeBase);
  const segmentPaths: string[] = [];
  for (const chunk of manifest.chunks) {
    const path = join(plan.folder, `seg_${chunk.index}.${plan.container}`);
    await runFfmpeg(chunkArgs(plan, chunk, { times, timeBase: video.timeBase, path }), run);
    segmentPaths.push(path);
  }
  const audioPaths: string[] = [];
  const sounds: AudioReport[] = [];
  for (const { name, audio } of soundTracks(manifest)) {
    const outputPath = join(plan.folder, `${name}.${plan.container}`);
    const spec = { kind: 'audio', demuxer: plan.demuxer, audio } as const;
    sounds.push(await encodeAudio(spec, { sourcePath: plan.sourcePath, outputPath }, run));
    audioPaths.push(outputPath);
  }
  return { manifest, segmentPaths, audioPaths, sounds, outputPath: join(plan.folder, `output.${plan.container}`) };
}

function chunkArgs(
  plan: HandPlan,
  chunk: Chunk,
  source: { times: readonly number[]; timeBase: Rational; path: string },
): string[] {
  const end = source.times[chunk.end];
  const trim = `trim=start_pts=${chunk.firstPts}${end === undefined ? '' : `:end_pts=${end}`}`;
  const isMatroska = plan.container === 'mkv';
  const phase = phaseMicroseconds(chunk.firstPts - (source.times[0] ?? 0), source.timeBase);
  const clock = isMatroska ? `,settb=1/1000000,setpts=PTS+${phase}` : '';
  const scale = isMatroska ? [] : ['-video_track_timescale', String(source.timeBase.den)];
  return [
    ...['-copyts', '-f', plan.demuxer, '-i', plan.sourcePath, '-map', '0:v:0', '-an'],
    ...['-vf', `${trim},setpts=PTS-STARTPTS${clock}`, '-fps_mode', 'passthrough'],
    ...['-enc_time_base', isMatroska ? '1/1000000' : '-1'],
    ...['-c:v', ...encoders[plan.container], '-bitexact', ...scale, '-y', source.path],
  ];
}

function manifestOf(plan: HandPlan, times: readonly number[], timeBase: Rational): FilmManifest {
  const first = times[0] ?? 0;
  const seconds = (ticks: number) => (ticks * timeBase.num) / timeBase.den;
  const lastDelta = (times.at(-1) ?? 0) - (times.at(-2) ?? 0);
  const end = (times.at(-1) ?? 0) + lastDelta;
  return {
    plannerVersion: 1,
    encodedWith: [],
    soundFrom: null,
    rendition: RenditionId.parse('hand-made'),
    presetId: 'hand-made',
    source: { path: plan.sourcePath, sizeBytes: 1, mtimeNs: '0', inode: '0' },
    demuxer: plan.demuxer,
    containerStartSeconds: 0,
    timeBase,
    frames: times.length,
    frameEvidence: 'packets',
    firstPts: first,
    durationSeconds: seconds(end - first),
    plan: 'chunked',
    wholeReason: null,
    warnings: [],
    chunkSeconds: 1,
    chunks: chunksOf(times, plan.chunkFrames, end),
    video: {
      streamIndex: 0,
      encoder: encoders[plan.container][0] ?? '',
      encoderArgs: encoders[plan.container].slice(1),
      filters: [],
      pixelFormat: 'yuv420p',
      width: 64,
      height: 64,
      threads: 1,
      chunkContainer: plan.container,
      applyRotation: false,
      rotationTag: plan.rotationTag ?? 0,
      sampleAspectRatio: { num: 1, den: 1 },
      colorArgs: [],
    },
    audio: plan.audio && {
      ...plan.audio,
      labels: { ...noLabels, dispositions: ['default'] },
      loudness: null,
      offsetSeconds: plan.audio.startSeconds - seconds(first),
    },
    moreAudio: [],
    side: { ...noSide, videoLabels: { ...noLabels, dispositions: ['default'] } },
    fates: [],
    container: plan.container,
    toolchainClass: 'test',
    verify: 'seams',
    estimatedOutputBytes: 0,
    estimatedScratchBytes: 0,
  };
}

function chunksOf(times: readonly number[], chunkFrames: number, end: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let first = 0; first < times.length; first += chunkFrames) {
    const range = times.slice(first, first + chunkFrames);
    const firstPts = range[0] ?? 0;
    const deltas: DeltaRuns = range.slice(1).map((pts, at) => [pts - (range[at] ?? 0), 1]);
    chunks.push({
      index: chunks.length,
      first,
      end: first + range.length,
      seekSeconds: null,
      trimStartPts: null,
      trimEndPts: null,
      firstPts,
      durationTicks: (times[first + chunkFrames] ?? end) - firstPts,
      deltas,
    });
  }
  return chunks;
}
