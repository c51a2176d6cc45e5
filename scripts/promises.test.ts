import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const text = readFileSync(new URL('docs/promises.md', root), 'utf8');
const sections = [...text.matchAll(/^## (P\d+) [\s\S]*?(?=^## |(?![\s\S]))/gm)];
const proofs = [...text.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, file = '', name = '']) => ({ file, name }));

/** Names of tests as they stand in the file, with numbers of constants filled in. */
function testNames(file: string): string[] {
  const source = readFileSync(new URL(file, root), 'utf8');
  const numbers = new Map([...source.matchAll(/^const (\w+) = ([\d_]+);/gm)].map(([, name, value]) => [name, value]));
  const names = [
    ...source.matchAll(/(?:^|[\s.(])(?:test|it)\b[^'"`\n]*(?:\n\s+)?(?:'((?:[^'\\]|\\.)*)'|"([^"]*)"|`([^`]*)`)/gm),
  ];
  const eachNames = [...source.matchAll(/\)\)?\(\s*(?:'((?:[^'\\]|\\.)*)'|`([^`]*)`),/gm)];
  return [...names, ...eachNames]
    .flatMap(([, ...quoted]) => quoted.filter((one) => one !== undefined))
    .map((name) => name.replace(/\$\{(\w+)\}/g, (_, constant) => numbers.get(constant)?.replaceAll('_', '') ?? '*'))
    .map((name) => name.replaceAll("\\'", "'"));
}

test('each of the ten promises names a test that proves it', () => {
  expect(sections.map(([, id]) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `P${index + 1}`));
  for (const [section, id] of sections) expect(section, id).toMatch(/^- `[^`]+\.test\.ts`: /m);
});

test.each(proofs)('$file has: $name', ({ file, name }) => {
  expect(testNames(file).some((known) => known === name || known.endsWith(`: ${name}`))).toBe(true);
});
