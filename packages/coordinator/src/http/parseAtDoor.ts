import { FarmError } from '@reelmill/protocol';
import type { z } from 'zod';

/** The parsed value, or REQUEST_INVALID naming the first field that does not fit. */
export function parseAtDoor<T extends z.ZodType>(schema: T, raw: unknown): z.output<T> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'the request';
  throw new FarmError('REQUEST_INVALID', {
    message: `The request does not fit its schema: ${field}: ${issue?.message ?? 'not valid'}.`,
    details: { field },
  });
}
