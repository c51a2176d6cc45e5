import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Writes bench/results/{name}.json with the machine and commit it was measured on, and prints the same. */
export function report(name: string, figures: object): void {
  const folder = fileURLToPath(new URL('../results', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? 'unknown', platform: process.platform };
  const text = JSON.stringify(
    { bench: name, commit, measuredAt: new Date().toISOString(), machine, ...figures },
    null,
    2,
  );
  writeFileSync(`${folder}/${name}.json`, `${text}\n`);
  console.log(text);
}
