import { phaseMicroseconds } from '../assemble/joinTimeline.ts';
import { soundTracks } from '../audio/soundTracks.ts';
import { type AudioSpec, type Chunk, type EncodeSpec, type FilmManifest, isFilm, type Manifest } from '../manifest.ts';
import { timesOf } from './deltaRuns.ts';
import { chunkOverheadSeconds, encoderCostSeconds, soundCostSeconds } from './encodeCost.ts';
import { edgeFrames } from './seekPoint.ts';
import { forcedKeyFrameSeconds } from './segmentStarts.ts';

export interface ManifestTasks {
  readonly encode: readonly { readonly spec: EncodeSpec; readonly costSeconds: number }[];
  /** One per track, in the order of the output; named as in `soundTracks`. */
  readonly audio: readonly { readonly name: string; readonly spec: AudioSpec; readonly costSeconds: number }[];
}

/** All farm tasks of a plan, in order of time. Pure. */
export function manifestTasks(manifest: Manifest): ManifestTasks {
  const { demuxer, durationSeconds } = manifest;
  const audio = soundTracks(manifest).map((sound) => ({
    name: sound.name,
    spec: { kind: 'audio', demuxer, audio: sound.audio } as const,
    costSeconds: chunkOverheadSeconds + soundCostSeconds(sound.audio, durationSeconds),
  }));
  return { encode: isFilm(manifest) ? encodeTasks(manifest) : [], audio };
}

function encodeTasks(manifest: FilmManifest): ManifestTasks['encode'] {
  const pts = manifest.chunks.flatMap((chunk) => timesOf(chunk.firstPts, chunk.deltas));
  return manifest.chunks.map((chunk) => ({
    spec: encodeSpec(manifest, chunk, pts),
    costSeconds: chunkOverheadSeconds + encoderCostSeconds(manifest.video, chunk.end - chunk.first),
  }));
}

function encodeSpec(manifest: FilmManifest, chunk: Chunk, pts: readonly number[]): EncodeSpec {
  const edge = (from: number, to: number) =>
    pts.slice(from, to).map((framePts, at) => ({ frame: from + at, pts: framePts }));
  const isOnlyOne = manifest.chunks.length === 1;
  const keyFrameSeconds = forcedKeyFrameSeconds(manifest, chunk, pts);
  return {
    kind: 'encode',
    demuxer: manifest.demuxer,
    timeBase: manifest.timeBase,
    plan: manifest.plan,
    chunk,
    edges: {
      before: edge(Math.max(0, chunk.first - edgeFrames), chunk.first),
      last: isOnlyOne ? [] : edge(Math.max(chunk.first, chunk.end - edgeFrames), chunk.end),
    },
    phaseMicroseconds: phaseMicroseconds(chunk.firstPts - manifest.firstPts, manifest.timeBase),
    decoderThreads: manifest.frameEvidence === 'decoded' && manifest.plan === 'whole' ? null : manifest.video.threads,
    video: manifest.video,
    ...(keyFrameSeconds.length > 0 && { keyFrameSeconds }),
  };
}
