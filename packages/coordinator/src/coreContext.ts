import type { FfmpegTools } from '@reelmill/media';
import type { AnyPreset, QueueRule } from '@reelmill/protocol';
import type { DiskStore, ObjectStore } from '@reelmill/storage';
import type { Logger } from 'pino';
import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { HardwareDesk } from './farm/hardwareDesk.ts';
import type { CoreChange } from './farmCorePort.ts';
import type { ManifestShelf } from './house/manifestShelf.ts';
import type { SigningKey } from './proof/signingKey.ts';

/** What the parts of one coordinator share; made once by the composition root. */
export interface CoreContext {
  readonly coordinatorId: string;
  /** Signs the certificates of outputs. */
  readonly signingKey: SigningKey;
  readonly dispatcher: Dispatcher;
  readonly hardware: HardwareDesk;
  readonly store: ObjectStore;
  /** The same store where it is the embedded one: only it serves originals in place. */
  readonly diskStore: DiskStore | null;
  readonly manifests: ManifestShelf;
  readonly tools: FfmpegTools;
  readonly presets: readonly AnyPreset[];
  /** Named queues of the settings. */
  readonly queues: readonly QueueRule[];
  /** For files that live no longer than a task. */
  readonly scratchFolder: string;
  /** Image sequences wrapped into films, a folder per job. */
  readonly sequencesFolder: string;
  readonly logger: Logger;
  /** Jobs wait for room on the coordinator's disks; else they begin, and fail where it does not last. */
  readonly waitsForSpace: boolean;
  /** How long accepted segments stay in the store after their job is done; 0: not at all. */
  readonly segmentRetentionMs: number;
  emit(change: CoreChange): void;
}
