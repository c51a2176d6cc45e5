import { ailing, healthy } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { doctorText } from './doctorText.ts';

test('a line for each finding, cause and fix below what is wrong, their sum at the end', () => {
  const checks = [
    healthy('store', 'Embedded store: written, read back and removed in 3 ms.'),
    ailing('mdns', 'warning', { found: 'Nobody was heard.', cause: 'A VPN is up.', fix: 'End it.' }),
  ];
  expect(doctorText({ checks, examinedAt: '2026-01-01T00:00:00.000Z' })).toBe(
    [
      'ok     store  Embedded store: written, read back and removed in 3 ms.',
      'warn   mdns   Nobody was heard.',
      '              cause  A VPN is up.',
      '              fix    End it.',
      '',
      'ok: 1, warnings: 1, faults: 0',
      '',
    ].join('\n'),
  );
});
