/** How often a bench repeats: `--rounds N` of the command line, else as usual. The results list every round. */
export function roundsOr(usual: number): number {
  const at = process.argv.indexOf('--rounds');
  const asked = at < 0 ? usual : Number(process.argv[at + 1]);
  if (Number.isInteger(asked) && asked >= 1) return asked;
  throw new Error('--rounds takes a whole number from 1');
}
