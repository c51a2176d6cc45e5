import { type TaskOffer, type TaskProgress, timing } from '@reelmill/protocol';

export interface ProgressStep {
  readonly phase: TaskProgress['phase'];
  readonly framesDone?: number;
  readonly fps?: number;
  readonly bytesDone?: number;
}

/** At most four messages a second per attempt; a change of phase always gets through. */
export function progressReporter(
  offer: TaskOffer,
  send: (progress: TaskProgress) => void,
  now: () => number = () => performance.now(),
): (step: ProgressStep) => void {
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let sentPhase: TaskProgress['phase'] | null = null;
  return ({ phase, framesDone = 0, fps = 0, bytesDone = 0 }) => {
    if (phase === sentPhase && now() - sentAtMs < timing.agentProgressIntervalMs) return;
    sentAtMs = now();
    sentPhase = phase;
    send({ taskId: offer.taskId, attempt: offer.attempt, phase, framesDone, fps, bytesDone });
  };
}
