import { expect, test } from 'vitest';
import { allowedDemuxers, sniffDemuxer } from './sniffDemuxer.ts';

const text = (content: string) => Buffer.from(content, 'latin1');

test.each([
  ['mov', text('\0\0\0\x20ftypisom')],
  ['mov', text('\0\0\0\x08wide\0\0\0\0mdat')],
  ['matroska', Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f])],
  ['avi', text('RIFF\x00\x10\x00\x00AVI LIST')],
  ['wav', text('RIFF\x00\x10\x00\x00WAVEfmt ')],
  ['ogg', text('OggS\0\x02')],
  ['flv', text('FLV\x01\x05')],
  ['mp3', text('ID3\x03')],
  ['mp3', Buffer.from([0xff, 0xfb, 0x90, 0x44])],
  ['aac', Buffer.from([0xff, 0xf1, 0x50, 0x80])],
  ['mpeg', Buffer.from([0, 0, 1, 0xba])],
  ['mxf', Buffer.from([0x06, 0x0e, 0x2b, 0x34, 0x02])],
])('%s is known by its first bytes', (demuxer, head) => {
  expect(sniffDemuxer(head)).toBe(demuxer);
});

test.each([
  [188, 0],
  [192, 4],
  [204, 0],
])('transport streams with packets of %i bytes', (length, offset) => {
  const head = Buffer.alloc(4096);
  for (let at = offset; at < head.length; at += length) head[at] = 0x47;
  expect(sniffDemuxer(head)).toBe('mpegts');
});

test.each(['#EXTM3U', '<?xml version="1.0"?><MPD', 'ffconcat version 1.0', 'GGGG hello', '', '\x89PNG\r\n'])(
  'nothing that could name other files, nor text: %j',
  (content) => {
    expect(sniffDemuxer(text(content))).toBeNull();
  },
);

test('the allow-list holds no demuxer that opens other files', () => {
  for (const name of ['hls', 'dash', 'concat', 'image2', 'lavfi', 'sdp', 'rtsp'])
    expect(allowedDemuxers).not.toContain(name);
});
