import { z } from 'zod';
import { assertNever } from './assertNever.ts';
import { ErrorData } from './farmError.ts';
import { JobId } from './ids.ts';
import { JobPriority } from './jobOrder.ts';

/** Chosen once, when the folder is added: `W-` + 10 lower-case base-32 characters. */
export const WatchFolderId = z
  .string()
  .regex(/^W-[a-z2-7]{10}$/)
  .brand<'WatchFolderId'>();
export type WatchFolderId = z.infer<typeof WatchFolderId>;

const path = z.string().min(1).max(4096);
const presetId = z.string().min(1).max(64);
/** As many as one job may have. */
const presets = z.array(presetId).min(1).max(8);

/** A folder to watch, and what becomes of each media file that appears in it. */
export const WatchFolderRequest = z.strictObject({
  /** Absolute, on the coordinator's machine. It need not be there yet. */
  path,
  preset: z.union([presetId.transform((id) => [id]), presets]),
  /** Null: beside each source; else subfolders are mirrored below it. */
  outputFolder: path.nullable().default(null),
  /** Subfolders, too. */
  recursive: z.boolean().default(false),
  /** A source goes to the subfolder `done` once its job is done; else it stays. */
  move: z.boolean().default(false),
  priority: JobPriority.nullable().default(null),
});
export type WatchFolderRequest = z.infer<typeof WatchFolderRequest>;

/** What of a watched folder can be changed; what is absent stays. */
export const WatchFolderChange = z
  .strictObject({
    paused: z.boolean().optional(),
    preset: z.union([presetId.transform((id) => [id]), presets]).optional(),
    outputFolder: path.nullable().optional(),
    move: z.boolean().optional(),
    priority: JobPriority.nullable().optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'nothing to change');
export type WatchFolderChange = z.infer<typeof WatchFolderChange>;

export const WatchFolderView = z.object({
  watchFolderId: WatchFolderId,
  path: z.string(),
  preset: z.array(z.string()),
  outputFolder: z.string().nullable(),
  recursive: z.boolean(),
  move: z.boolean(),
  priority: JobPriority.nullable(),
  /** `missing`, `unreadable` and `blocked` go over to `watching` by themselves; `error` says why and what to do. */
  state: z.enum(['watching', 'paused', 'missing', 'unreadable', 'blocked']),
  error: ErrorData.nullable(),
  /** Files that are being written, or changed less than 5 s ago. */
  copying: z.number().int(),
  /** Files that changed no more but do not open as media, though they are named like it: taken when they change. */
  unopened: z.number().int(),
  /** Pickups since it was added. */
  pickedUp: z.number().int(),
  lastPickup: z.object({ name: z.string(), at: z.string(), jobId: JobId }).nullable(),
});
export type WatchFolderView = z.infer<typeof WatchFolderView>;

const counted = (count: number, doing: string): string => `${count} ${count === 1 ? 'file' : 'files'} ${doing}`;

/** Its state in a few words, the same in every interface. */
export function watchFolderState({ state, copying, unopened }: WatchFolderView): string {
  switch (state) {
    case 'paused':
      return 'paused';
    case 'missing':
      return 'path missing';
    case 'unreadable':
      return 'not readable';
    case 'blocked':
      return 'waiting';
    case 'watching':
      if (copying > 0) return counted(copying, 'still copying');
      return unopened > 0 ? counted(unopened, unopened === 1 ? 'does not open' : 'do not open') : 'watching';
    default:
      return assertNever(state);
  }
}
