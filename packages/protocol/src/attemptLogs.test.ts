import { expect, test } from 'vitest';
import { withoutSecrets } from './attemptLogs.ts';

test('signed addresses, passwords in addresses and tokens are taken out of logs and commands', () => {
  expect(withoutSecrets('opening http://10.0.0.2:7420/objects/videos/a?expires=9&signature=abcd for reading')).toBe(
    'opening http://10.0.0.2:7420/objects/videos/a?[removed] for reading',
  );
  expect(withoutSecrets('https://user:secret@host/path')).toBe('https://[removed]@host/path');
  expect(withoutSecrets('Authorization: Bearer abc.def')).toBe('Authorization: [removed]');
  expect(withoutSecrets('token=3f9c and more')).toBe('token=[removed] and more');
});

test('arguments of FFmpeg stay as they are', () => {
  const args =
    '-i /Media/REEL_A v7?.mov -filter_complex [0:v]trim=start_frame=0:end_frame=50,showinfo@last[v] -x264-params keyint=250:threads=1';
  expect(withoutSecrets(args)).toBe(args);
});
