import type { DoctorReport } from '@reelmill/protocol';

const marks = { ok: 'ok', warning: 'warn', fault: 'FAULT' } as const;

/** A line for each finding; cause and fix below those that need them. Ends with the sum of them. */
export function doctorText({ checks }: DoctorReport): string {
  const width = Math.max(...checks.map(({ subject }) => subject.length));
  const indent = ' '.repeat(7 + width + 2);
  const lines = checks.flatMap(({ subject, state, found, cause, fix }) => [
    `${marks[state].padEnd(7)}${subject.padEnd(width)}  ${found}`,
    ...(cause === null ? [] : [`${indent}cause  ${cause}`]),
    ...(fix === null ? [] : [`${indent}fix    ${fix}`]),
  ]);
  const count = (wanted: DoctorReport['checks'][number]['state']) =>
    checks.filter(({ state }) => state === wanted).length;
  const sum = `ok: ${count('ok')}, warnings: ${count('warning')}, faults: ${count('fault')}`;
  return `${lines.join('\n')}\n\n${sum}\n`;
}
