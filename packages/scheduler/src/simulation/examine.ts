import { type ErrorCode, FarmError, type TaskId } from '@reelmill/protocol';
import { flawOf } from './content.ts';
import type { Outcome } from './messages.ts';
import { acceptedKey, type SimulatedStore } from './store.ts';

const failure = (code: ErrorCode): Outcome => ({ kind: 'failed', error: new FarmError(code).toData() });

/** What the coordinator makes of a claimed result: hash and frames are looked at before it may commit. */
export function examined(
  store: SimulatedStore,
  claim: { readonly taskId: TaskId; readonly outcome: Outcome },
): Outcome {
  const { taskId, outcome } = claim;
  if (outcome.kind === 'failed') return outcome;
  const accepted = acceptedKey(taskId);
  const [artifact] = outcome.result.artifacts;
  if (artifact === undefined) return failure('INTERNAL');
  // A repeated message: the object was moved when it came the first time.
  const held = store.get(artifact.key) ?? store.get(accepted);
  if (held !== artifact.sha256) return failure('STORAGE_CORRUPT');
  if (flawOf(held) === 'short') return failure('FRAME_COUNT');
  store.promote(artifact.key, accepted);
  return { kind: 'completed', result: { ...outcome.result, artifacts: [{ ...artifact, key: accepted }] } };
}
