/** Seeds that once broke a promise, or seemed to, with what was wrong: they run first, every time. */
export const regressionSeeds: readonly { readonly seed: number; readonly was: string }[] = [
  {
    seed: 2027,
    was: 'the watch forgot an announcement when its job was retried from scratch before the file appeared',
  },
  { seed: 7145, was: 'a chunk whose late copy failed went out anew at once when its other copy was given back' },
  { seed: 2375, was: 'the watch forgot, at a retry, which nodes had spoiled a chunk that was kept' },
];
