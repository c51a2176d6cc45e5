import { FarmError, type JobOrderChange, type QueueRule, type SubmitRequest } from '@reelmill/protocol';
import type { OrderChange, SubmittedOrder } from '@reelmill/scheduler';

/** Throws QUEUE_UNKNOWN. */
function queueOf(name: string, queues: readonly QueueRule[]): QueueRule {
  const rule = queues.find((queue) => queue.name === name);
  if (rule !== undefined) return rule;
  const known = queues.length === 0 ? 'none is defined' : queues.map((queue) => queue.name).join(', ');
  throw new FarmError('QUEUE_UNKNOWN', { message: `There is no queue ${name} (${known}).`, details: { queue: name } });
}

/** The place of a new job among the others, as its request says: a queue gives its priority to jobs without their own. */
export function submittedOrder(request: SubmitRequest, queues: readonly QueueRule[]): SubmittedOrder {
  const rule = request.queue == null ? null : queueOf(request.queue, queues);
  const priority = request.priority ?? rule?.priority;
  return {
    ...(priority && { priority }),
    ...(request.submitter !== undefined && { submitter: request.submitter }),
    ...(rule && { queue: rule.name }),
    ...(request.hold && { held: true }),
    ...(request.deadline && { deadlineIso: request.deadline }),
  };
}

/** A change of the API in the scheduler's words. */
export function orderChange(change: JobOrderChange, queues: readonly QueueRule[]): OrderChange {
  const { priority, hold, deadline, queue, position } = change;
  if (queue != null) queueOf(queue, queues);
  return {
    ...(priority && { priority }),
    ...(hold !== undefined && { held: hold }),
    ...(deadline !== undefined && { deadlineIso: deadline }),
    ...(queue !== undefined && { queue }),
    ...(position && { position }),
  };
}
