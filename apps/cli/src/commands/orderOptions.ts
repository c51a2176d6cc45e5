import { Deadline, JobPriority, QueueName, Submitter } from '@reelmill/protocol';
import { InvalidArgumentError } from 'commander';

/** `urgent`, `high`, `normal` or `low`. */
export function jobPriority(value: string): JobPriority {
  const parsed = JobPriority.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`Expected ${JobPriority.options.join(', ')}.`);
}

/** A time with its zone, or without one in that of this machine. */
export function deadlineTime(value: string): string {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('Expected a time, as 2026-11-21T18:00.');
  return Deadline.parse(time.toISOString());
}

export function queueName(value: string): string {
  if (QueueName.safeParse(value).success) return value;
  throw new InvalidArgumentError('Expected the name of a queue: small letters, digits and hyphens.');
}

export function submitterName(value: string): string {
  if (Submitter.safeParse(value).success) return value;
  throw new InvalidArgumentError('Expected a name of at most 64 characters.');
}
