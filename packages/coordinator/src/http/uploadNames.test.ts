import { FarmError } from '@reelmill/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeUploadName } from './uploads.ts';

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: fc.constantFrom('.', ' ', '-', '/', '\\', '‮', 'é', '💾', 'a', '\n', '\ud800'), maxLength: 300 }),
  fc.constantFrom('-dash.mp4', 'con.mp4', '../../etc/passwd', 'C:\\x.mp4', 'a\nb.mp4', '‮4pm.exe', 'NUL', '. .x', ' .'),
);

test('an upload name is one plain file name, or refused', () => {
  fc.assert(
    fc.property(anyName, (raw) => {
      const name = nameOrNull(raw);
      if (name === null) return;
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      expect(name).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}<>:"/\\|?*]|^[.\s]|[.\s]$/u);
      expect(name).not.toMatch(/^(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?$/i);
      expect(safeUploadName(name)).toBe(name);
    }),
    { numRuns: 2000 },
  );
});

function nameOrNull(raw: string): string | null {
  try {
    return safeUploadName(raw);
  } catch (thrown) {
    if (thrown instanceof FarmError && thrown.code === 'REQUEST_INVALID') return null;
    throw thrown;
  }
}
