// Used by tests only: what is refused before anything is encoded, and by which code.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { mp4OfTracks, patchJpegSize, replaceText } from './hostileFiles.ts';

/** Sound files to break. */
export interface Victims {
  /** H.264 in MP4, 6 s, 150 frames, index at the end. */
  readonly film: Buffer;
  /** 20 JPEG pictures in MOV. */
  readonly pictures: Buffer;
}

export async function makeVictims(folder: string, run: RunOptions): Promise<Victims> {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=128x72:rate=25:duration=6'];
  const [filmPath, picturesPath] = [join(folder, 'film.mp4'), join(folder, 'pictures.mov')];
  await runFfmpeg([...source, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-y', filmPath], run);
  await runFfmpeg([...source, '-frames:v', '20', '-c:v', 'mjpeg', '-y', picturesPath], run);
  return { film: await readFile(filmPath), pictures: await readFile(picturesPath) };
}

interface HostileKind {
  readonly name: string;
  readonly code: string;
  readonly make: (victims: Victims) => Buffer;
}

const kind = (name: string, code: string, make: HostileKind['make']): HostileKind => ({ name, code, make });
const samples = (count: number, sampleBytes: number) => mp4OfTracks(1, { samples: count, sampleBytes });

/** Track header and pictures both state the size. */
function lieAboutSize(pictures: Buffer, width: number, height: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt16BE(width, 0);
  header.writeUInt16BE(height, 2);
  return replaceText(
    patchJpegSize(pictures, width, height),
    '\0\x80\0\x48\0\x48',
    `${header.toString('latin1')}\0\x48`,
  );
}

export const hostileKinds: readonly HostileKind[] = [
  kind('no track at all', 'NO_VIDEO', () => mp4OfTracks(0)),
  kind('10,000 tracks', 'MEDIA_LIMIT_EXCEEDED', () => mp4OfTracks(10_000)),
  kind('tracks of nothing', 'UNSUPPORTED_MEDIA', () => mp4OfTracks(3)),
  kind('two billion frames in 600 bytes', 'UNSUPPORTED_MEDIA', () => samples(2 ** 31 - 1, 0)),
  kind('20 million frames in 600 bytes', 'UNSUPPORTED_MEDIA', () => samples(20_000_000, 1)),
  kind('an unknown codec', 'UNSUPPORTED_MEDIA', ({ film }) => replaceText(film, 'avc1', 'zzzz')),
  kind('pictures of 15,000 by 15,000', 'MEDIA_LIMIT_EXCEEDED', ({ pictures }) =>
    lieAboutSize(pictures, 15_000, 15_000),
  ),
  kind('pictures that are 65,000 by 65,000', 'UNSUPPORTED_MEDIA', ({ pictures }) =>
    patchJpegSize(pictures, 65_000, 65_000),
  ),
  kind('cut off in its pictures', 'SOURCE_TRUNCATED', ({ film }) => film.subarray(0, film.length / 2)),
  kind('cut off inside its index', 'SOURCE_TRUNCATED', ({ film }) => film.subarray(0, film.length - 400)),
  kind('a file type and nothing else', 'UNSUPPORTED_MEDIA', ({ film }) => film.subarray(0, 32)),
];
