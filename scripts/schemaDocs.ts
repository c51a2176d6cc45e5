import { mkdirSync, writeFileSync } from 'node:fs';
import { seamProofJsonSchema, stillProofJsonSchema } from '../packages/protocol/src/index.ts';

const folder = new URL('../docs/schemas/', import.meta.url);

/** Published schemas by file name: `node scripts/schemaDocs.ts` writes them to docs/schemas. */
export const publishedSchemas = (): Record<string, string> => ({
  'seam-proof-1.schema.json': `${JSON.stringify(seamProofJsonSchema(), null, 2)}\n`,
  'still-proof-1.schema.json': `${JSON.stringify(stillProofJsonSchema(), null, 2)}\n`,
});

if (import.meta.main) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(publishedSchemas())) writeFileSync(new URL(name, folder), text);
}
