import { type FileHandle, open } from 'node:fs/promises';
import { type FileEnds, readFileEnds } from '../frames/fileEnds.ts';
import { ofStream, pictureList } from '../frames/pictureList.ts';
import type { PlainList } from '../frames/plainList.ts';
import { listOfPackets, type PacketList } from '../packetList.ts';
import type { PlainReading } from '../plainReading.ts';
import { aac, objectType } from './elementaryStream.ts';
import { readMovieHeader } from './movieHeader.ts';
import { movieTables, type TrackTables } from './movieTables.ts';
import { pictureKeys } from './pictureKeys.ts';
import { lastSampleTicks, type SamplePlaces, type SampleTimes, samplePlaces, sampleTimes } from './trackSamples.ts';

/** Samples of all tracks together that are read into memory: twelve hours of film with sound. */
const mostSamples = 6_000_000;

interface PlacedTrack {
  readonly track: TrackTables;
  readonly places: SamplePlaces;
  /** null for all tracks but those of pictures: FFprobe is asked when sound ends. */
  readonly times: SampleTimes | null;
  /** When the last sample begins; null for tracks of neither pictures nor sound. */
  readonly lastSeconds: number | null;
}

/**
 * Packets of an MP4 or MOV as FFprobe would list them, from the tables of its header and the first bytes of each frame;
 * FFprobe itself lists both ends, and has to say the same. Null, for FFprobe to list them all, where the file is not
 * plain, where a frame could make its parser complain, and where the ends differ.
 */
export async function readPlainMovie(path: string, reading: PlainReading): Promise<PlainList | null> {
  const file = await open(path, 'r');
  try {
    const header = await readMovieHeader(file);
    const tracks = header && movieTables(header);
    const placed = tracks && placeTracks(tracks, (await file.stat()).size);
    return placed && (await listMovie(path, placed, { ...reading, file }));
  } finally {
    await file.close();
  }
}

function placeTracks(tracks: readonly TrackTables[], fileBytes: number): PlacedTrack[] | null {
  const placed: PlacedTrack[] = [];
  let samples = mostSamples;
  for (const track of tracks) {
    const places = samplePlaces(track, { fileBytes, samples });
    if (places === null || (track.handler === 'soun' && !soundsQuiet(track))) return null;
    const count = places.sizes.length;
    const isPicture = track.handler === 'vide';
    const isTimed = isPicture || track.handler === 'soun';
    const times = isPicture ? sampleTimes(track, count) : null;
    const lastTicks = isTimed ? lastSampleTicks(track, count) : 0;
    if (lastTicks === null || (isPicture && times === null)) return null;
    samples -= count;
    placed.push({ track, places, times, lastSeconds: isTimed ? lastTicks / track.timescale : null });
  }
  return placed;
}

/** ALAC goes through no parser of FFmpeg, AC-3 through one that never complains. */
const quietSounds = new Set(['alac', 'ac-3', 'ec-3']);

/** Parsers of other sound may complain. */
const soundsQuiet = ({ format, description }: TrackTables): boolean =>
  quietSounds.has(format) || (format === 'mp4a' && objectType(description) === aac);

/** Sample descriptions whose decoders decode nothing when told so. */
const skippingDecoders = new Set(['avc1', 'hvc1', 'hev1']);

async function listMovie(
  path: string,
  placed: readonly PlacedTrack[],
  reading: PlainReading & { file: FileHandle },
): Promise<PlainList | null> {
  const pictures = placed.flatMap((one, stream) => (one.track.handler === 'vide' ? [{ ...one, stream }] : []));
  if (pictures.length === 0) return null;
  const stop = new AbortController();
  const asked = {
    demuxer: 'mov',
    tailSeconds: tailStart(placed),
    totalPackets: placed.reduce((sum, { places }) => sum + places.sizes.length, 0),
    decodesSound: pictures.every(({ track }) => skippingDecoders.has(track.format)),
  };
  const ends = readFileEnds(path, asked, { ...reading, signal: AbortSignal.any([reading.signal, stop.signal]) });
  ends.catch(() => {}); // thrown where it is awaited
  try {
    const lists = new Map<number, PacketList>();
    for (const { track, places, times, stream } of pictures) {
      const keys = times && (await pictureKeys(track, places, reading));
      const list = keys && pictureList({ ...places, ...times, keys, stream }, await ends, { sameDts: true });
      if (!list) return null;
      lists.set(stream, list);
    }
    const byStream = withSound(lists, placed, await ends);
    return byStream && { byStream, soundStarts: (await ends).soundStarts };
  } finally {
    stop.abort();
    await ends.catch(() => {}); // its process ends with the signal
  }
}

/** Half a second before the first of the tracks of pictures and sound ends: the last packets of all follow. */
function tailStart(placed: readonly PlacedTrack[]): number {
  const ends = placed.flatMap(({ lastSeconds }) => lastSeconds ?? []);
  return Math.min(...ends) - 0.5;
}

/** Of sound only the end is asked for. null where it is not listed, or not what the tables say. */
function withSound(
  lists: Map<number, PacketList>,
  placed: readonly PlacedTrack[],
  { tail }: FileEnds,
): Map<number, PacketList> | null {
  for (const [stream, { track, places }] of placed.entries()) {
    if (track.handler !== 'soun') continue;
    const packets = ofStream(tail, stream);
    const start = places.positions.indexOf(packets[0]?.position ?? -1);
    const isListed = packets.every(({ position, size }, at) => {
      return position === places.positions[start + at] && size === places.sizes[start + at];
    });
    const list = listOfPackets(packets);
    if (start < 0 || !isListed || list.pts.length === 0 || list.corrupt > 0) return null;
    lists.set(stream, list);
  }
  return lists;
}
