import type { InspectAnswer } from '@reelmill/protocol';
import { RenditionId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { headerText, indexText } from './reportText.ts';

const answer: InspectAnswer = {
  stage: 'index',
  path: '/films/a\u001b[2J\n\u202efilm.mp4',
  preset: RenditionId.parse('h264-720p'),
  source: {
    ...{ container: 'MP4 or MOV', demuxer: 'mov', sizeBytes: 1_234_567, durationSeconds: 3723.5 },
    video: {
      ...{ stream: 0, codec: 'h264', profile: 'High', pixelFormat: 'yuv420p', frameRate: 29.97002997 },
      ...{ coded: { width: 1920, height: 1080 }, shown: { width: 1080, height: 1920 }, variableFrameRate: true },
      ...{ interlaced: true, rotationClockwise: 90, mirrored: false, hdr: 'HLG' },
    },
    ...{ videoTracks: 1, audioTracks: 2, subtitleTracks: 0, chapters: 0 },
  },
  decision: { kind: 'whole', isFinal: true, reason: 'The clock of the file jumps back.' },
  output: null,
  fates: [{ stream: 2, kind: 'audio', label: 'AAC \u001b]0;owned\u0007', fate: 'dropped', note: 'Not rendered.' }],
  warnings: ['AUDIO_TRACKS_DROPPED: one of two.', 'INTERLACED: it stays so.'],
  requires: { toolchainClass: 'a', encoders: [] },
  placement: { scope: 'farm', nodes: [], note: 'No node is connected: the job would wait for one.' },
};

test('facts of the source are one line each', () => {
  const text = headerText({ ...answer, stage: 'header' });
  expect(text).toContain('MP4 or MOV, 1.2 MB');
  expect(text).toContain('1:02:03 (3723.5 s)');
  expect(text).toContain(
    '1920×1080 shown as 1080×1920, turned 90° clockwise, 29.97 fps, yuv420p, interlaced, HDR (HLG)',
  );
  expect(text).toContain('1 video track, 2 audio tracks\n');
});

test('a plan says why, what is dropped, and who can run it', () => {
  const text = indexText(answer);
  expect(text).toMatch(/plan +whole file on one node\n +why +The clock of the file jumps back\./);
  expect(text).toMatch(/note +INTERLACED/);
  expect(text).toMatch(/nodes +No node is connected/);
  expect(text).not.toContain('AUDIO_TRACKS_DROPPED');
});

test('names and titles of a file cannot steer the terminal', () => {
  const text = headerText({ ...answer, stage: 'header' }) + indexText(answer);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
  expect(text.split('\n')[0]).toContain('film.mp4');
});
