import { FarmError } from '@reelmill/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatList } from '../assemble/concatList.ts';
import { encodeLogParser } from '../encode/encodeLog.ts';
import { outputName } from '../presets/outputName.ts';
import { startsWithRefresh } from '../probe/cleanKeyframes.ts';
import { MediaInfo } from '../probe/mediaInfo.ts';
import { packetDoubt } from '../probe/packetDoubt.ts';
import { packetCollector } from '../probe/packetList.ts';
import { parseProbe } from '../probe/parseProbe.ts';
import { allowedDemuxers, sniffDemuxer } from '../probe/sniffDemuxer.ts';
import { progressParser } from '../process/ffmpegProgress.ts';
import { LineSplitter } from '../process/textLines.ts';
import { plainInfo } from '../testing/plannedFrames.ts';
import { readConcatList } from './readConcatList.ts';

const runs = { numRuns: 1000 };
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
const anyNumberText = fc.oneof(
  fc.constantFrom('N/A', '', '-1', '0', '1e999', '9223372036854775807', '-9223372036854775808', 'nan', '0x10'),
  fc.integer().map(String),
);

/** What `act` gives, null where it throws a FarmError; any other thing thrown fails the property. */
function orRefused<T>(act: () => T): T | null {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof FarmError) return null;
    throw thrown;
  }
}

describe('parseProbe', () => {
  const file = { demuxer: 'mov', sizeBytes: 100 };
  const anyField = fc.oneof(anyNumberText, anyText, fc.integer(), fc.double(), fc.constant(null));
  const anyStream = fc.record(
    {
      index: fc.oneof(fc.nat(300), fc.integer()),
      codec_type: fc.constantFrom('video', 'audio', 'subtitle', 'data', 'attachment'),
      codec_name: fc.oneof(fc.constantFrom('h264', 'unknown'), anyText),
      pix_fmt: fc.oneof(fc.constantFrom('yuv420p', 'unknown'), anyText),
      width: fc.integer(),
      height: fc.integer(),
      sample_aspect_ratio: fc.oneof(fc.constantFrom('0:1', '1:0', '-1:1', '4294967296:1', '1:1e9'), anyText),
      time_base: fc.oneof(fc.constantFrom('1/0', '0/1', '1/90000', '1/-5'), anyText),
      avg_frame_rate: fc.oneof(fc.constantFrom('0/0', '1000000/1', '1/1000'), anyText),
      nb_frames: anyNumberText,
      duration: anyNumberText,
      start_time: anyNumberText,
      sample_rate: anyNumberText,
      channels: fc.integer(),
      disposition: fc.dictionary(fc.constantFrom('default', 'attached_pic'), fc.nat(1)),
      side_data_list: fc.array(fc.record({ rotation: fc.oneof(fc.integer(), fc.double()) }), { maxLength: 2 }),
      tags: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
    },
    { requiredKeys: ['index', 'codec_type'] },
  );

  test('streams of any values: facts that fit their schema, or a FarmError', () => {
    const anyAnswer = fc.record({
      streams: fc.array(anyStream, { maxLength: 6 }),
      format: fc.dictionary(fc.constantFrom('start_time', 'duration'), anyNumberText),
    });
    fc.assert(
      fc.property(anyAnswer, (answer) => {
        const info = orRefused(() => parseProbe(answer, file));
        if (info !== null) expect(MediaInfo.safeParse(info).error?.message).toBeUndefined();
      }),
      runs,
    );
  });

  test('JSON of any shape: a FarmError', () => {
    const anyShape = fc.oneof(fc.jsonValue(), fc.record({ streams: fc.array(fc.dictionary(anyText, anyField)) }));
    fc.assert(
      fc.property(anyShape, (answer) => void orRefused(() => parseProbe(answer, file))),
      runs,
    );
  });
});

test('packet lists: any line is taken or left, and the doubt about them is a sentence or none', () => {
  const anyLine = fc.oneof(
    anyText,
    fc
      .tuple(
        fc.constantFrom('0', '1', '-1', ''),
        ...Array.from({ length: 5 }, () => anyNumberText),
        fc.constantFrom('K__', 'KD_', '_C', ''),
      )
      .map((fields) => fields.join(',')),
  );
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 40 }), (lines) => {
      const ends: number[] = [];
      const collector = packetCollector((end) => ends.push(end));
      for (const line of lines) collector.add(line);
      expect(ends.every(Number.isFinite)).toBe(true);
      for (const list of collector.byStream.values()) {
        expect(list.pts.every((pts) => Number.isNaN(pts) || Number.isSafeInteger(pts))).toBe(true);
        const doubt = packetDoubt({ info: plainInfo, list, errorLines: 0 });
        expect(doubt === null || doubt.length > 0).toBe(true);
      }
    }),
    runs,
  );
});

test('progress of FFmpeg: finite numbers or null from any lines', () => {
  const anyLine = fc.oneof(
    anyText,
    fc
      .tuple(fc.constantFrom('frame', 'fps', 'out_time_us', 'total_size', 'progress'), anyNumberText)
      .map(([key, value]) => `${key}=${value}`),
  );
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 30 }), (lines) => {
      const add = progressParser(({ frames, fps, outTimeSeconds, sizeBytes }) => {
        for (const value of [frames, fps, outTimeSeconds ?? 0, sizeBytes ?? 0])
          expect(Number.isFinite(value)).toBe(true);
      });
      for (const line of [...lines, 'progress=end']) add(line);
    }),
    runs,
  );
});

test('the log of an encode: any lines, also half ones of showinfo and benchmark', () => {
  const shown = '[showinfo@before @ 0x55] n:   0 pts:  512 pts_time:0.03 checksum:1A2B3C4D plane_checksum:[0]';
  const anyLine = fc.oneof(
    anyText,
    fc.nat(shown.length).map((length) => shown.slice(0, length)),
    anyNumberText.map((text) => `bench: utime=${text}s stime=${text}s rtime=0.1s`),
    anyText.map((text) => `[error] ${text}`),
  );
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 30 }), (lines) => {
      const parser = encodeLogParser();
      for (const line of lines) parser.add(line);
      const { cpuSeconds, before, errorLines } = parser.log;
      expect(cpuSeconds === null || Number.isFinite(cpuSeconds)).toBe(true);
      expect(before.every(({ pts, checksum }) => Number.isFinite(pts) && checksum.length === 8)).toBe(true);
      expect(errorLines).toBeLessThanOrEqual(lines.length);
    }),
    runs,
  );
});

test('lines: cut anywhere, the same lines come out', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300), { maxLength: 8 }), (bytes, cuts) => {
      const linesOf = (pieces: readonly Uint8Array[]) => {
        const lines: string[] = [];
        const splitter = new LineSplitter((line) => lines.push(line));
        for (const piece of pieces) splitter.push(Buffer.from(piece));
        splitter.end();
        return lines;
      };
      const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((place, at) => bytes.subarray(places[at], place));
      expect(linesOf(pieces)).toEqual(linesOf([bytes]));
    }),
    runs,
  );
});

describe('first bytes', () => {
  test('sniffDemuxer: any bytes give a demuxer of the allow-list or null', () => {
    const anyStart = fc.constantFrom(
      '',
      'RIFF',
      '\0\0\0\x20ftyp',
      '\0\0\x01\xba',
      '#EXTM3U\n',
      'ffconcat version 1.0\n',
      'ID3',
      'G',
    );
    fc.assert(
      fc.property(anyStart, fc.uint8Array({ maxLength: 4096 }), (start, bytes) => {
        const demuxer = sniffDemuxer(Buffer.concat([Buffer.from(start, 'latin1'), bytes]));
        expect(demuxer === null || allowedDemuxers.includes(demuxer)).toBe(true);
        if (start.length > 4 && /^[#f]/.test(start)) expect(demuxer).toBeNull();
      }),
      runs,
    );
  });

  test('startsWithRefresh: any bytes, any stated length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(400),
        fc.constantFrom('h264', 'hevc'),
        (bytes, length, codec) => {
          expect(typeof startsWithRefresh(Buffer.from(bytes), codec, length)).toBe('boolean');
        },
      ),
      runs,
    );
  });
});

test('concatList: FFmpeg reads back exactly the paths that went in, or the list is refused', () => {
  const anyPath = fc.string({
    unit: fc.constantFrom('a', "'", '"', '\\', ' ', '#', '\n', '\r', '\0', '%', '$', '‮', 'é', '-'),
    maxLength: 20,
  });
  const chunk = {
    index: 0,
    first: 0,
    end: 1,
    seekSeconds: null,
    trimStartPts: null,
    trimEndPts: null,
    firstPts: 0,
    durationTicks: 512,
    deltas: [],
  };
  const plan = (chunks: number) => ({
    chunks: Array.from({ length: chunks }, () => chunk),
    timeBase: { num: 1, den: 15_360 },
    video: { chunkContainer: 'mp4' as const },
  });
  fc.assert(
    fc.property(fc.array(anyPath, { minLength: 1, maxLength: 5 }), (names) => {
      const paths = names.map((name) => `/scratch/${name}`);
      const list = orRefused(() => concatList(plan(paths.length), paths));
      if (list === null) expect(paths.some((path) => /[\n\r\0]/.test(path))).toBe(true);
      else expect(readConcatList(list)).toEqual(paths.map((path) => `file:${path}`));
    }),
    runs,
  );
});

test('outputName: one safe file name for any source path', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText,
        fc.constantFrom('con.mp4', '-dash.mp4', 'a\u0085b.mp4', '...', 'a/..', `${'é'.repeat(400)}.mp4`),
      ),
      (path) => {
        const name = outputName(path, { id: 'h264-720p' as never, container: 'mp4' });
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
        expect(name).toMatch(/_h264-720p\.mp4$/);
        expect(name).not.toMatch(/[\p{Cc}<>:"/\\|?*\u202a-\u202e\u2066-\u2069]|^[.-]|^\s/u);
        expect(name.isWellFormed()).toBe(true);
      },
    ),
    runs,
  );
});
