import { z } from 'zod';

/** What is examined, in the order in which it is shown. */
export const DoctorSubject = z.enum([
  'coordinator',
  'address',
  'port',
  'mdns',
  'store',
  'disk',
  'ffmpeg',
  'encoders',
  'nodes',
]);
export type DoctorSubject = z.infer<typeof DoctorSubject>;

/** One finding: what was seen, and where something is wrong why, and what to do about it. */
export const DoctorCheck = z
  .object({
    subject: DoctorSubject,
    /** `warning`: work goes on, with less than there could be; `fault`: something does not work. */
    state: z.enum(['ok', 'warning', 'fault']),
    /** A sentence of what was seen. */
    found: z.string(),
    /** Null where nothing is wrong. */
    cause: z.string().nullable(),
    fix: z.string().nullable(),
  })
  .refine(
    ({ state, cause, fix }) => state === 'ok' || (cause !== null && fix !== null),
    'a finding without its remedy',
  );
export type DoctorCheck = z.infer<typeof DoctorCheck>;

export const DoctorReport = z.object({ checks: z.array(DoctorCheck), /** ISO 8601. */ examinedAt: z.string() });
export type DoctorReport = z.infer<typeof DoctorReport>;

type Subject = DoctorCheck['subject'];

/** Nothing is wrong with it. */
export const healthy = (subject: Subject, found: string): DoctorCheck => ({
  subject,
  state: 'ok',
  found,
  cause: null,
  fix: null,
});

/** Something is wrong, and what to do about it. */
export const ailing = (
  subject: Subject,
  state: 'warning' | 'fault',
  finding: { readonly found: string; readonly cause: string; readonly fix: string },
): DoctorCheck => ({ subject, state, ...finding });
