/** How often a bench repeats: `--rounds N` of the command line, else as usual. The results list every round. */
export const roundsOr = (usual: number): number => numberOr('--rounds', usual);

/** How long a bench measures: `--seconds N`, else as usual. */
export const secondsOr = (usual: number): number => numberOr('--seconds', usual);

/** How long the film of a bench is: `--minutes N`, else as usual. */
export const minutesOr = (usual: number): number => numberOr('--minutes', usual);

function numberOr(flag: string, usual: number): number {
  const at = process.argv.indexOf(flag);
  const asked = at < 0 ? usual : Number(process.argv[at + 1]);
  if (Number.isInteger(asked) && asked >= 1) return asked;
  throw new Error(`${flag} takes a whole number from 1`);
}
