import { z } from 'zod';
import { JobId, NodeId, RenditionId } from './ids.ts';
import { FarmTaskKind } from './task.ts';

/** A word by which nodes are chosen: `gpu`, `studio-b`. Told by the agent (`--tag`), asked for by a job (`--on`). */
export const Tag = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/);
export type Tag = z.infer<typeof Tag>;

/** Whether nodes without the tag may help once those with it had no room for a while. */
export const Spill = z.enum(['never', 'busy']);
export type Spill = z.infer<typeof Spill>;

/**
 * Why a node does not have a waiting task. Lasting, whatever the node is doing: `class` (another FFmpeg, or hardware it
 * has not proved), `kind` (it takes other tasks only), `tag`, `memory`, `disk` (too small even when idle). Of now: `paused`,
 * `outside-hours`, `hours-unheard` (its agent did not confirm the hours that the farm set), `in-use` (someone works at the machine), `quarantined`, `silent`, `avoided`, `failed-here`, `blamed`, `reserved`, `no-slot`,
 * `kind-cap` (it has as many of this kind as it takes), `memory-now`, `disk-now` (promised to its other tasks), `disk-low` (below its low mark), `left-to-faster` (the last tasks end sooner on faster nodes).
 */
export const WhyCode = z.enum([
  'class',
  'kind',
  'tag',
  'memory',
  'disk',
  'paused',
  'outside-hours',
  'hours-unheard',
  'in-use',
  'quarantined',
  'silent',
  'avoided',
  'failed-here',
  'blamed',
  'reserved',
  'no-slot',
  'kind-cap',
  'memory-now',
  'disk-now',
  'disk-low',
  'left-to-faster',
]);
export type WhyCode = z.infer<typeof WhyCode>;

export const WhyReason = z.object({ code: WhyCode, text: z.string() });
export type WhyReason = z.infer<typeof WhyReason>;

/** What a job waits for that is not there: no connected node could take these tasks even if it had nothing to do. */
export const Waiting = z.object({
  /** `no-node`: none is connected. `space`: a disk of the coordinator. `mixed`: the nodes lack different things. */
  code: z.enum(['no-node', 'class', 'kind', 'tag', 'memory', 'disk', 'space', 'mixed']),
  /** `needs 12 GB of memory; the largest node has 8 GB` */
  text: z.string(),
});
export type Waiting = z.infer<typeof Waiting>;

/** Tasks of one kind and rendition that wait for a node. */
export const WhyWaiting = z.object({
  kind: FarmTaskKind,
  rendition: RenditionId.nullable(),
  /** So many wait; the reasons are those of the next one. */
  tasks: z.number().int().positive(),
  /** What one is expected to hold; null: not known. */
  memoryBytes: z.number().nullable(),
  /** What one is expected to write on its node; null: not known. */
  diskBytes: z.number().nullable().default(null),
  /** Tags it is pinned to. */
  tags: z.array(Tag),
  /** Milliseconds until it may be tried again after a failure; null: it may now. */
  restsMs: z.number().nullable(),
  /** All connected nodes. Without reasons: the node is next to have it. */
  nodes: z.array(z.object({ nodeId: NodeId, name: z.string(), reasons: z.array(WhyReason) })),
});
export type WhyWaiting = z.infer<typeof WhyWaiting>;

/** Answer of `GET /api/v1/jobs/:id/why`. */
export const WhyAnswer = z.object({
  jobId: JobId,
  /** A sentence about the whole job. */
  note: z.string(),
  waiting: z.array(WhyWaiting),
});
export type WhyAnswer = z.infer<typeof WhyAnswer>;
