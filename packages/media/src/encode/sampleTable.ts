import { type FileHandle, open } from 'node:fs/promises';
import { findBoxes } from '../assemble/boxes.ts';
import { readMovieHeader } from '../probe/movie/movieHeader.ts';
import { movieTables } from '../probe/movie/movieTables.ts';
import { samplePlaces, sampleTimes } from '../probe/movie/trackSamples.ts';
import type { StreamPackets } from '../verify/readPackets.ts';

/** Beyond this a table is no chunk's: tables are read into memory. */
const mostSamples = 4_000_000;

/**
 * Times of the samples of a finished chunk, from the tables of its own header (ISO/IEC 14496-12, 8.6): what FFprobe
 * would tell, without a process. Null for anything but the plain form that FFmpeg's muxer writes: one picture track,
 * no fragments, no edit that hides a picture, and exactly the bytes that the table counts.
 */
export async function readSampleTable(path: string): Promise<Pick<StreamPackets, 'pts' | 'shown' | 'timeBase'> | null> {
  const file = await open(path, 'r');
  try {
    const header = await readMovieHeader(file);
    const [track, ...others] = (header && movieTables(header)) ?? [];
    if (track?.handler !== 'vide' || others.length > 0) return null;
    const places = samplePlaces(track, { fileBytes: (await file.stat()).size, samples: mostSamples });
    const times = places && sampleTimes(track, places.sizes.length);
    if (!places || !times || !(await holdsOnly(file, places.sizes))) return null;
    const pts = Array.from(times.pts);
    return { pts, shown: pts.map(() => true), timeBase: { num: 1, den: track.timescale } };
  } finally {
    await file.close();
  }
}

/** A file that holds more or less than its table says is not judged here. */
async function holdsOnly(file: FileHandle, sizes: Uint32Array): Promise<boolean> {
  const data = await findBoxes(file, ['mdat']);
  const dataBytes = data.reduce((sum, box) => sum + box.end - box.start, 0);
  return dataBytes === sizes.reduce((sum, size) => sum + size, 0);
}
