import { writeFileSync } from 'node:fs';
import { errorCodes, errorTable } from '../packages/protocol/src/index.ts';

/** docs/errors.md, generated from the one table: `node scripts/errorDocs.ts` writes it. */
export function errorDocs(): string {
  const rows = errorCodes.map((code) => {
    const { cause, fix, retry } = errorTable[code];
    return `| \`${code}\` | ${cause} | ${fix} | ${retry} |`;
  });
  return [
    '# Error codes',
    '',
    'Generated from `packages/protocol/src/errorCodes.ts` by `node scripts/errorDocs.ts`.',
    '',
    '| code | cause | what to do | tried again |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(new URL('../docs/errors.md', import.meta.url), errorDocs());
