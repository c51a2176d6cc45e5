// Used by tests only: sources that chunked encoders get wrong, made on the spot from the barcode clip.
import { rm } from 'node:fs/promises';
import { drawBarcodeClip } from '../identity/drawBarcodeClip.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';

export interface SourceKind {
  readonly name: string;
  readonly extension: string;
  readonly frameRate?: { num: number; den: number };
  readonly frames?: number;
  readonly videoArgs: readonly string[];
  /** A second pass over the drawn clip: input options, then output options. */
  readonly remake?: { readonly before: readonly string[]; readonly after: readonly string[] };
}

const x264 = (parameters: string) => ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', parameters];
const intra = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '1', '-qp', '10'];
const reencode = ['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-fps_mode', 'passthrough'];

export const sourceKinds: readonly SourceKind[] = [
  { name: 'closed GOP mp4', extension: 'mp4', videoArgs: x264('keyint=50') },
  { name: 'open GOP mp4', extension: 'mp4', videoArgs: x264('open-gop=1:keyint=40:bframes=3:scenecut=0') },
  { name: 'open GOP mkv', extension: 'mkv', videoArgs: x264('open-gop=1:keyint=40:bframes=3:scenecut=0') },
  { name: 'open GOP ts', extension: 'ts', videoArgs: x264('open-gop=1:keyint=40:bframes=3:scenecut=0') },
  { name: 'ts with a long GOP', extension: 'ts', videoArgs: x264('keyint=250:min-keyint=250:scenecut=0'), frames: 700 },
  {
    name: 'HEVC mp4',
    extension: 'mp4',
    videoArgs: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=40:log-level=error'],
  },
  { name: 'NTSC mp4', extension: 'mp4', frameRate: { num: 30000, den: 1001 }, videoArgs: x264('keyint=60') },
  { name: 'intra refresh', extension: 'mp4', videoArgs: x264('intra-refresh=1:keyint=40') },
  {
    name: '5 fps, deep B pyramid',
    extension: 'mp4',
    frameRate: { num: 5, den: 1 },
    frames: 60,
    videoArgs: x264('bframes=8:b-pyramid=normal:b-adapt=0:keyint=20'),
  },
  { name: 'all key frames', extension: 'mp4', videoArgs: intra },
  {
    name: 'VFR on the grid',
    extension: 'mp4',
    videoArgs: intra,
    remake: { before: [], after: ['-vf', "select='not(eq(mod(n,7),3))*not(between(n,100,150))'", ...reencode] },
  },
  {
    name: 'VFR off the grid',
    extension: 'mkv',
    videoArgs: intra,
    remake: {
      before: [],
      after: ['-vf', 'settb=1/90000,setpts=PTS+700*mod(N\\,5)', '-enc_time_base', '1/90000', ...reencode],
    },
  },
  {
    name: 'edit list that starts inside a GOP',
    extension: 'mp4',
    videoArgs: x264('keyint=50:bframes=3'),
    remake: { before: ['-ss', '2.3'], after: ['-c', 'copy'] },
  },
  {
    name: 'fragmented mp4',
    extension: 'mp4',
    videoArgs: x264('keyint=50'),
    remake: { before: [], after: ['-c', 'copy', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'] },
  },
  {
    name: 'start at -0.4 s',
    extension: 'mp4',
    videoArgs: x264('keyint=50'),
    remake: { before: ['-itsoffset', '-0.4'], after: ['-c', 'copy', '-avoid_negative_ts', 'disabled'] },
  },
];

/** Draws a source of that kind: 320 by 180, 8 s unless the kind says otherwise. */
export async function makeSource(kind: SourceKind, outputPath: string, run: RunOptions): Promise<void> {
  const drawnPath = kind.remake ? `${outputPath}.drawn.mp4` : outputPath;
  const videoArgs = [...kind.videoArgs, '-pix_fmt', 'yuv420p'];
  const size = { width: 320, height: 180, frames: kind.frames ?? 240 };
  await drawBarcodeClip(
    { outputPath: drawnPath, ...size, videoArgs, ...(kind.frameRate ? { frameRate: kind.frameRate } : {}) },
    run,
  );
  if (!kind.remake) return;
  const { before, after } = kind.remake;
  await runFfmpeg([...before, '-i', drawnPath, ...after, '-y', outputPath], run);
  await rm(drawnPath);
}
