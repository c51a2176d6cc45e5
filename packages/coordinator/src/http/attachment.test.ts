import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attachment } from './downloads.ts';

test('any name becomes one header line whose second form is the name without hidden characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), (name) => {
      const header = attachment(name);
      expect(header).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[A-Za-z0-9%!#$&+.^_`|~-]*$/);
      const shown = decodeURIComponent(header.slice(header.indexOf("''") + 2));
      expect(shown).toBe(name.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').normalize('NFC'));
    }),
    { numRuns: 1000 },
  );
});
