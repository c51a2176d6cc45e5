import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedSchemas } from './schemaDocs.ts';

test.each(Object.entries(publishedSchemas()))('docs/schemas/%s is what the code checks against', (name, text) => {
  const path = new URL(`../docs/schemas/${name}`, import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(text));
});
