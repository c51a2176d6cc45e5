import { z } from 'zod';
import { ErrorData } from './farmError.ts';

/** How every acknowledged message answers: a value, or an error as data. */
export type Envelope<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ErrorData };

export const envelopeOf = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), value }),
    z.object({ ok: z.literal(false), error: ErrorData }),
  ]);
