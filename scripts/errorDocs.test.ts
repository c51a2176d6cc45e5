import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes, errorTable } from '../packages/protocol/src/index.ts';
import { errorDocs } from './errorDocs.ts';

test('docs/errors.md is what the table of error codes generates', () => {
  expect(readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')).toBe(errorDocs());
});

test('every code has a cause, a remedy and a retry rule', () => {
  for (const code of errorCodes) {
    expect(errorTable[code].cause).toMatch(/\.$/);
    expect(errorTable[code].fix).toMatch(/\.$/);
    expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  }
});
