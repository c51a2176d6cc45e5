// Used by tests only.

/** File names that a shell, FFmpeg, a list or another system would take for something else. */
export const hostileNames: readonly string[] = [
  '-dash.mp4',
  `it's "quoted".mp4`,
  'two\nlines.mp4',
  '‮4pm.‬mp4',
  `${'a'.repeat(251)}.mp4`,
  'con.mp4',
  '$(touch owned); & | `id`.mp4',
  'concat:a|b.mp4',
  '%03d.mp4',
  'back\\slash #1.mp4',
];
