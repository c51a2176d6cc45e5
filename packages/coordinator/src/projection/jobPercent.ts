import type { ChunkView } from '@reelmill/protocol';
import type { JobStage } from './jobStage.ts';

/** Shares of a job's wall time, from the prototypes of media.md: index is I/O, the join copies, the check reads. */
const share = { prepare: 2, encode: 92, join: 3, verify: 2.5 } as const;

const fractionOf = (stage: JobStage): number => {
  const { house } = stage;
  if (house === undefined) return 0;
  if (house.bytes !== null && house.bytes.total > 0) return Math.min(1, house.bytes.done / house.bytes.total);
  return Math.min(1, (house.percent ?? 0) / 100);
};

function encodedFraction(chunks: readonly ChunkView[]): number {
  let total = 0;
  let done = 0;
  for (const chunk of chunks) {
    const frames = chunk.endFrame - chunk.firstFrame;
    total += frames;
    done += (frames * chunk.percent) / 100;
  }
  return total === 0 ? 0 : done / total;
}

function finishing(stage: JobStage): number {
  const before = share.prepare + share.encode;
  if (stage.phase === 'publish' || stage.phase === 'package') return before + share.join + share.verify;
  // A source hash still being counted (phase hash) delays the join; it moves nothing forward by itself.
  if (stage.house?.phase === 'hash') return before;
  if (stage.phase === 'verify') return before + share.join + share.verify * fractionOf(stage);
  return before + share.join * fractionOf(stage);
}

/** How far the sound of an output without a picture is; `total` 0 where there is a picture. */
export interface SoundProgress {
  readonly total: number;
  readonly done: number;
}

/** Percent of a whole job, one decimal, rounded down. 100 only when it is done: everything before may still fail. */
export function jobPercent(stage: JobStage, chunks: readonly ChunkView[], sound: SoundProgress): number {
  if (stage.state === 'done') return 100;
  const raw = () => {
    if (stage.state === 'finishing') return finishing(stage);
    if (stage.state === 'preparing') return share.prepare * fractionOf(stage);
    if (chunks.length === 0 && sound.total === 0) return 0;
    const encoded = chunks.length > 0 ? encodedFraction(chunks) : sound.done / sound.total;
    return share.prepare + share.encode * encoded;
  };
  return Math.min(99.9, Math.floor(raw() * 10) / 10);
}
