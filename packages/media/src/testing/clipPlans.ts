// Used by tests only.

/** What the planner decides for each shared clip at 2 s chunks: number of chunks, or why it goes whole (decision 7). */
export const clipPlans: Readonly<Record<string, { chunks: number } | { whole: string }>> = {
  d01: { chunks: 6 },
  d02: { chunks: 4 },
  d03: { chunks: 2 },
  d04: { whole: 'The film is shorter than two chunks of 2 s: cutting it would gain nothing.' },
  d05: {
    whole: 'The picture is interlaced and may be coded as separate fields: a cut could part the two halves of a frame.',
  },
  d06: { whole: 'Seeking in MPEG-PS files is not proven exact, so a cut could lose or repeat frames.' },
  d07: { whole: 'The film is no longer than one chunk of 2 s: there is nothing to cut.' },
  d08: { whole: 'The film is no longer than one chunk of 2 s: there is nothing to cut.' },
  d11: { chunks: 2 },
  d12: { whole: 'The video stream is damaged: which pictures come out depends on where decoding starts.' },
  d13: { chunks: 3 },
  d14: { chunks: 5 },
  d15: { whole: 'Seeking in Ogg files is not proven exact, so a cut could lose or repeat frames.' },
  d16: { whole: 'Seeking in FLV files is not proven exact, so a cut could lose or repeat frames.' },
  d18: { chunks: 7 },
  d20: { whole: 'The film is no longer than one chunk of 2 s: there is nothing to cut.' },
  d21: { whole: 'The film is no longer than one chunk of 2 s: there is nothing to cut.' },
  d22: { chunks: 6 },
  d23: { chunks: 8 },
  d24: { whole: 'The video stream is damaged: which pictures come out depends on where decoding starts.' },
  d25: { chunks: 3 },
  d26: { whole: 'The film is no longer than one chunk of 2 s: there is nothing to cut.' },
  d28: { chunks: 181 },
};
