import { expect, test } from 'vitest';
import { dashManifest } from './dashManifest.ts';
import { mediaPlaylist, multivariantPlaylist, subtitlePlaylist } from './hlsPlaylists.ts';
import { type AudioTrack, peakBandwidth, type SubtitleTrack, type VideoTrack } from './packagedTrack.ts';
import { segmentIndex } from './segmentIndex.ts';

const track = { timescale: 1000, indexOffset: 700, indexSizeBytes: 68 };
const video: VideoTrack = {
  ...track,
  fileName: 'video-h264-720p.mp4',
  codec: 'avc1.64001f',
  rendition: 'h264-720p',
  width: 1280,
  height: 720,
  frameRate: { num: 30_000, den: 1001, isExact: true },
  range: 'SDR',
  segments: [
    { offset: 768, sizeBytes: 400_000, startTicks: 10_000, durationTicks: 4004 },
    { offset: 400_768, sizeBytes: 500_000, startTicks: 14_004, durationTicks: 4004 },
    { offset: 900_768, sizeBytes: 50_000, startTicks: 18_008, durationTicks: 100 },
  ],
};
const audio: AudioTrack = {
  ...track,
  fileName: 'audio.mp4',
  codec: 'mp4a.40.2',
  name: 'Director "says" <no> & more',
  language: 'en',
  channels: 2,
  sampleRate: 48_000,
  isDefault: true,
  segments: [{ offset: 768, sizeBytes: 160_000, startTicks: 9979, durationTicks: 8129 }],
};

const subtitle: SubtitleTrack = {
  ...{ id: 'subtitle', fileName: 'subtitle.vtt', segmentsFileName: 'subtitle-segments.vtt', bandwidth: 12 },
  ...{ name: 'Signs', language: 'en', isDefault: true, isForced: true, isForDeaf: false },
  segments: [
    { offset: 0, sizeBytes: 90, durationSeconds: 4.004 },
    { offset: 90, sizeBytes: 70, durationSeconds: 4.004 },
  ],
};

test('a last segment of a few frames does not make the peak', () => {
  expect(peakBandwidth(video)).toBe(Math.ceil((8 * 550_000 * 1000) / 4104));
});

test('HLS: byte ranges of one file, the whole bandwidth, no quotes inside quotes', () => {
  const text = mediaPlaylist(video);
  expect(text).toContain(
    '#EXT-X-MAP:URI="video-h264-720p.mp4",BYTERANGE="700@0"\n#EXTINF:4.004000,\n#EXT-X-BYTERANGE:400000@768\n',
  );
  expect(text).toContain('#EXT-X-TARGETDURATION:4\n');
  const lines = multivariantPlaylist({ videos: [video], audios: [audio], subtitles: [], appleChapters: null }).split(
    '\n',
  );
  expect(lines).toContain(
    `#EXT-X-STREAM-INF:BANDWIDTH=${1_072_125 + 157_461},AVERAGE-BANDWIDTH=${937_346 + 157_461},CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,AUDIO="sound"`,
  );
  expect(lines.find((line) => line.startsWith('#EXT-X-MEDIA'))).toContain('NAME="Director  says  <no> & more"');
});

test('DASH: text of the source is escaped, zero of the player is zero of the picture', () => {
  const text = dashManifest({ videos: [video], audios: [audio], subtitles: [] });
  expect(text).toContain('<Label>Director &quot;says&quot; &lt;no&gt; &amp; more</Label>');
  expect(text).toContain('timescale="1000" presentationTimeOffset="10000" indexRange="700-767"');
  expect(text).toContain('mediaPresentationDuration="PT8.108S"');
  expect(text).toContain('frameRate="30000/1001"');
});

test('the index of a file counts in presentation times', () => {
  const bytes = segmentIndex(video);
  expect(bytes).toHaveLength(32 + 12 * 3);
  expect([bytes.readUInt32BE(8), Number(bytes.readBigUInt64BE(12)), bytes.readUInt16BE(30)]).toEqual([1000, 10_000, 3]);
});

test('subtitles: language, name and marks in both manifests, segments as ranges of one file', () => {
  const deaf: SubtitleTrack = {
    ...subtitle,
    id: 'subtitle-1',
    name: 'SDH',
    isDefault: false,
    isForced: false,
    isForDeaf: true,
  };
  const content = { videos: [video], audios: [audio], subtitles: [subtitle, deaf], appleChapters: 'chapters.json' };
  const hls = multivariantPlaylist(content);
  expect(hls).toContain(
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="Signs",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=YES,URI="subtitle.m3u8"\n',
  );
  expect(hls).toContain('DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,CHARACTERISTICS="public.accessibility.');
  expect(hls).toContain(',AUDIO="sound",SUBTITLES="text"\n');
  expect(hls).toContain('#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.chapters",URI="chapters.json"\n');
  expect(subtitlePlaylist(subtitle)).toContain(
    '#EXTINF:4.004000,\n#EXT-X-BYTERANGE:70@90\nsubtitle-segments.vtt\n#EXT-X-ENDLIST',
  );
  const dash = dashManifest(content);
  expect(dash).toContain('<AdaptationSet id="2" contentType="text" mimeType="text/vtt" lang="en">');
  expect(dash).toContain('value="forced-subtitle"/>\n      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>');
  expect(dash).toContain('value="caption"/>\n      <Representation id="subtitle-1" bandwidth="12">');
  expect(dash).toContain('<BaseURL>subtitle.vtt</BaseURL>');
});
