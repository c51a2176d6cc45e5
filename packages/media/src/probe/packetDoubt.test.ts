import { expect, test } from 'vitest';
import { plainInfo } from '../testing/plannedFrames.ts';
import type { MediaInfo } from './mediaInfo.ts';
import { packetDoubt } from './packetDoubt.ts';
import { type PacketList, packetCollector } from './packetList.ts';

/** Lines as FFprobe writes them: stream, pts, dts, duration, size, position, flags. */
function listOf(...lines: string[]): PacketList {
  const collector = packetCollector(() => {});
  for (const line of lines) collector.add(line);
  const list = collector.byStream.get(0);
  if (!list) throw new Error('no packet');
  return list;
}
const doubtOf = (list: PacketList, info: MediaInfo = plainInfo, errorLines = 0) =>
  packetDoubt({ info, list, errorLines });
const sound = ['0,0,-512,512,900,48,K_', '0,1024,0,512,80,948,__', '0,512,512,512,80,1028,__'];
const withVideo = (change: Partial<MediaInfo['video']>) => ({ ...plainInfo, video: { ...plainInfo.video, ...change } });

test('nothing speaks against an ordinary stream', () => {
  expect(doubtOf(listOf(...sound))).toBeNull();
});

test.each([
  ['interlaced H.264', /interlaced/, sound, withVideo({ fieldOrder: 'tt' })],
  ['an unproven codec', /msmpeg4v3/, sound, withVideo({ codec: 'msmpeg4v3' })],
  ['a packet marked corrupt', /damaged/, [...sound, '0,1536,1536,512,80,1108,_C'], plainInfo],
  ['a packet without time', /timestamp/, [...sound, '0,N/A,1536,512,80,1108,__'], plainInfo],
  ['no key frame first', /middle of a group/, ['0,0,0,512,80,10,__', ...sound], plainInfo],
  [
    'a frame before the first key frame',
    /before the first key frame/,
    [...sound, '0,-512,1024,512,80,1108,__'],
    plainInfo,
  ],
  ['equal times', /one timestamp/, [...sound, '0,512,1024,512,80,1108,__'], plainInfo],
  ['a clock that jumps back', /jumps back/, [...sound, '0,1536,-9000,512,80,1108,__'], plainInfo],
] as const)('doubt: %s', (_, reason, lines, info) => {
  expect(doubtOf(listOf(...lines), info)).toMatch(reason);
});

test('complaints of the parsers while listing packets are damage', () => {
  expect(doubtOf(listOf(...sound), plainInfo, 1)).toMatch(/damaged/);
});

test('packets an edit list discards are not frames, and an edit may start inside a group of pictures', () => {
  const list = listOf('0,-1024,-1024,512,900,48,KD_', '0,-512,-512,512,80,948,_D_', ...sound.slice(1));
  expect(list.dropped).toBe(2);
  expect(list.pts).toEqual([1024, 512]);
  expect(doubtOf(list)).toBeNull();
});

test('interlaced intra-only codecs are one frame a packet', () => {
  expect(doubtOf(listOf(...sound), withVideo({ codec: 'dvvideo', fieldOrder: 'bt' }))).toBeNull();
});
