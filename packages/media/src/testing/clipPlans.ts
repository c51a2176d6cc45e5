// Used by tests only.

/** What the planner decides for each shared clip at 2 s chunks: number of chunks, or why it goes whole (decision 7). */
export const clipPlans: Readonly<Record<string, { chunks: number } | { whole: string }>> = {
  d01: { chunks: 6 },
  d02: { chunks: 4 },
  d03: { chunks: 2 },
  d04: { whole: 'The film is shorter than two chunks of 2 s.' },
  d05: { whole: 'The picture is interlaced and may be coded as separate fields.' },
  d06: { whole: 'Frames in the middle of mpeg files cannot be reached exactly.' },
  d07: { whole: 'The film is shorter than two chunks of 2 s.' },
  d08: { whole: 'The film is shorter than two chunks of 2 s.' },
  d11: { chunks: 2 },
  d12: { whole: 'The video stream is damaged.' },
  d13: { chunks: 3 },
  d14: { chunks: 5 },
  d15: { whole: 'Frames in the middle of ogg files cannot be reached exactly.' },
  d16: { whole: 'Frames in the middle of flv files cannot be reached exactly.' },
  d18: { chunks: 7 },
  d20: { whole: 'The film is shorter than two chunks of 2 s.' },
  d21: { whole: 'The film is shorter than two chunks of 2 s.' },
  d22: { chunks: 6 },
  d23: { chunks: 8 },
  d24: { whole: 'The video stream is damaged.' },
  d25: { chunks: 3 },
  d26: { whole: 'The film is shorter than two chunks of 2 s.' },
  d28: { chunks: 181 },
};
