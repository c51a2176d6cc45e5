/** Seeds that once broke a promise, with what was wrong: they run first, every time. */
export const regressionSeeds: readonly { readonly seed: number; readonly was: string }[] = [];
