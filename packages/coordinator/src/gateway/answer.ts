import { type Envelope, toFarmError } from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { parseAtDoor } from '../http/parseAtDoor.ts';

type Ack = (answer: Envelope<unknown>) => void;

const isAck = (value: unknown): value is Ack => typeof value === 'function';

/** Runs `work` and turns its end into an envelope: errors travel as data. */
export async function envelopeFrom<T>(work: () => Promise<T> | T, logger: Logger): Promise<Envelope<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (cause) {
    return refusal(cause, logger);
  }
}

function refusal(cause: unknown, logger: Logger): Envelope<never> {
  const error = toFarmError(cause);
  if (error.code === 'INTERNAL') logger.error({ err: cause }, 'a message could not be answered');
  return { ok: false, error: error.toData() };
}

function parsed<T extends z.ZodType>(schema: T, raw: unknown, { malformed }: { malformed?(): void }): z.output<T> {
  try {
    return parseAtDoor(schema, raw);
  } catch (cause) {
    malformed?.();
    throw cause;
  }
}

/**
 * Listener for one acknowledged message: parses its payload, runs `handle`, acknowledges with an envelope.
 * A peer that passes no acknowledgement gets no answer.
 */
export function answering<T extends z.ZodType>(
  schema: T,
  handle: (value: z.output<T>) => unknown,
  seen: { readonly logger: Logger; malformed?(): void },
): (raw: unknown, ack: unknown) => void {
  return (raw, ack) => {
    const reply = (answer: Envelope<unknown>): void => {
      if (isAck(ack)) ack(answer);
    };
    try {
      const value = handle(parsed(schema, raw, seen));
      // heartbeats of a thousand agents: what is known at once is answered at once
      if (value instanceof Promise) void envelopeFrom(() => value, seen.logger).then(reply);
      else reply({ ok: true, value });
    } catch (cause) {
      reply(refusal(cause, seen.logger));
    }
  };
}
