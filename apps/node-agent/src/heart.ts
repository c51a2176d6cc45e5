import { type Admission, type Envelope, type Heartbeat, HeartbeatAnswer } from '@reelmill/protocol';
import { unwrap } from './connection.ts';

/** How a connection carries heartbeats. */
export interface HeartLine {
  /** Nobody answers. */
  tell(beat: Heartbeat): void;
  /** Rejects when no answer comes in time. */
  ask(beat: Heartbeat, timeoutMs: number): Promise<Envelope<unknown>>;
}

export interface HeartOptions {
  readonly timing: Pick<Admission, 'heartbeatIntervalMs' | 'leaseTtlMs'>;
  read(): Promise<Heartbeat> | Heartbeat;
  onAnswer(answer: HeartbeatAnswer, tookMs: number): void;
  /** No answer for a whole lease: the line is dead, whatever TCP believes. */
  onDead(cause: unknown): void;
}

/** An answer costs the coordinator as much as hearing the beat: it is asked for so often in the time of a lease. */
const answersPerLease = 2;

/** A heartbeat per interval, and an answer to the first and to some of the others. While one is awaited nothing is sent. */
export function startHeart(line: HeartLine, options: HeartOptions): { stop(): void } {
  const { heartbeatIntervalMs, leaseTtlMs } = options.timing;
  const beatsPerAnswer = Math.max(1, Math.floor(leaseTtlMs / answersPerLease / heartbeatIntervalMs));
  let beats = 0;
  let inFlight = false;
  const ask = async (beat: Heartbeat): Promise<void> => {
    const askedAtMs = performance.now();
    const answer = HeartbeatAnswer.parse(unwrap(await line.ask(beat, leaseTtlMs)));
    options.onAnswer(answer, performance.now() - askedAtMs);
  };
  const once = async (): Promise<void> => {
    if (inFlight) return;
    inFlight = true;
    try {
      const beat = await options.read();
      const asks = beats % beatsPerAnswer === 0;
      beats += 1;
      if (asks) await ask(beat);
      else line.tell(beat);
    } catch (cause) {
      options.onDead(cause);
    } finally {
      inFlight = false;
    }
  };
  const timer = setInterval(() => void once(), heartbeatIntervalMs);
  void once();
  return { stop: () => clearInterval(timer) };
}
