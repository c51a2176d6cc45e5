import { basename } from 'node:path';
import type { StillManifest } from './stillManifest.ts';
import { imageName } from './stillTasks.ts';

/** Of the shape of `frames.json`; raised when a reader of the older one would misread it. */
const frameIndexVersion = 1;

/** Name and text of the file that tells the time of each picture in a folder. Pure. */
export function stillIndex(manifest: StillManifest): { name: string; text: string } {
  return manifest.output.form === 'sheets'
    ? { name: 'sprites.vtt', text: spriteTrack(manifest, manifest.output) }
    : { name: 'frames.json', text: frameIndex(manifest) };
}

/** One frame a line: people and line tools read it too. */
function frameIndex(manifest: StillManifest): string {
  const { firstPts, output, picture, timeBase } = manifest;
  const seconds = (ticks: number) => Math.round((ticks * timeBase.num * 1e6) / timeBase.den) / 1e6;
  const head = {
    version: frameIndexVersion,
    source: basename(manifest.source.path),
    sourceFrames: manifest.sourceFrames,
    /** Of the first frame, in the source's own time. */
    startSeconds: seconds(firstPts),
    durationSeconds: Math.round(manifest.durationSeconds * 1e6) / 1e6,
    width: picture.width,
    height: picture.height,
  };
  const frames = picksOf(manifest).map(({ frame, pts, atSeconds }, at) =>
    JSON.stringify({ file: imageName(output, at + 1), frame, ptsSeconds: seconds(pts - firstPts), atSeconds }),
  );
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "frames": [\n    ${frames.join(',\n    ')}\n  ]\n}\n`;
}

/** Cues as players of thumbnails on a time line read them. */
function spriteTrack(manifest: StillManifest, { columns, rows }: { columns: number; rows: number }): string {
  const { durationSeconds, output, picture } = manifest;
  const picks = picksOf(manifest);
  const perSheet = columns * rows;
  const cues = picks.map(({ atSeconds }, at) => {
    const cell = at % perSheet;
    const x = (cell % columns) * picture.width;
    const y = Math.floor(cell / columns) * picture.height;
    const sheet = imageName(output, 1 + Math.floor(at / perSheet));
    const end = picks[at + 1]?.atSeconds ?? Math.max(durationSeconds, atSeconds + 0.001);
    return `${cueTime(atSeconds)} --> ${cueTime(end)}\n${sheet}#xywh=${x},${y},${picture.width},${picture.height}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

const picksOf = ({ passages }: StillManifest) => passages.flatMap(({ picks }) => picks);

function cueTime(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (unit: number, of: number, digits: number) =>
    String(Math.floor(milliseconds / unit) % of).padStart(digits, '0');
  return `${part(3_600_000, 1e9, 2)}:${part(60_000, 60, 2)}:${part(1000, 60, 2)}.${part(1, 1000, 3)}`;
}
