import { z } from 'zod';

/**
 * REST under /api/v1, owner token as `Authorization: Bearer` or the session cookie:
 * POST /jobs (SubmitRequest → 202 SubmitAnswer) · GET /jobs → { jobs: JobView[], warnings: ErrorData[], paused, stopAfter } ·
 * GET /jobs/:id → JobDetail · GET /jobs/:id/why → WhyAnswer · GET /jobs/:id/attempts → JobHistory ·
 * GET /jobs/:id/log?task=|chunk=&attempt= → AttemptLog · GET /jobs/:id/quality → JobQuality ·
 * POST /jobs/:id/cancel|retry · PATCH /jobs/:id (JobChange) ·
 * DELETE /jobs/:id (`?undo=1`: may be taken back by POST /jobs/:id/restore) ·
 * POST /farm/pause (PauseRequest) · POST /farm/resume · GET /nodes → { nodes: NodeView[] } · GET /presets · GET /farm → FarmSnapshot ·
 * GET /failures → { groups: FailureGroup[] } · POST /failures/retry (RetryFailures), /failures/give-up (GiveUpFailures) →
 * FailuresChanged · POST /nodes/:id/release|resume (id or name) · POST /nodes/:id/pause (PauseNodeRequest) ·
 * GET /watch-folders → { watchFolders: WatchFolderView[] } · POST /watch-folders (WatchFolderRequest → 201 WatchFolderView) ·
 * PATCH /watch-folders/:id (WatchFolderChange → WatchFolderView) · DELETE /watch-folders/:id ·
 * GET /jobs/:id/outputs/:rendition (bytes with Range and ETag; of folders OutputFiles, and …/:name each file) ·
 * GET /doctor → DoctorReport · POST /inspect (InspectRequest → InspectAnswer) ·
 * PUT /uploads/:name (streamed body → 201 UploadAnswer) · POST /session { code } → cookie ·
 * POST /session/code → { code } · GET /healthz (open).
 */
export const apiPrefix = '/api/v1';

export const UploadAnswer = z.object({
  uploadId: z.string().regex(/^U-[a-z2-7]{10}$/),
  name: z.string(),
  sizeBytes: z.number().int(),
  sha256: z.string(),
});
export type UploadAnswer = z.infer<typeof UploadAnswer>;

/** Files of an output that is a folder. */
export const OutputFiles = z.object({
  files: z.array(z.object({ name: z.string(), sizeBytes: z.number().int() })),
});
export type OutputFiles = z.infer<typeof OutputFiles>;

export const sessionCookieName = 'reelmill_session';
export const defaultPort = 7420;

/** mDNS service types, without the leading underscore (decision 11). */
export const mdnsTypes = { coordinator: 'reelmill', agent: 'reelmill-agent' } as const;

/**
 * `{dataDir}/runtime.json`, mode 0600: how local agents, CLI and windows find the running coordinator.
 * Secrets are files beside it: `join-token`, `owner-token`.
 */
export const RuntimeFile = z.object({
  pid: z.number().int(),
  /** Start time of the process as the system tells it, so that a reused pid is not mistaken. */
  startedAt: z.string(),
  coordinatorId: z.string(),
  apiUrl: z.string(),
  host: z.string(),
  port: z.number().int(),
});
export type RuntimeFile = z.infer<typeof RuntimeFile>;
export const dataFiles = {
  runtime: 'runtime.json',
  joinToken: 'join-token',
  ownerToken: 'owner-token',
  sameMachineProof: 'same-machine-proof',
  journal: 'journal.sqlite',
  signingKey: 'signing-key.pem',
  /** Named queues (QueueRules), written by people. */
  queues: 'queues.json',
  /** Watched folders, and what was seen in them. */
  watchFolders: 'watch-folders.json',
  watchSeen: 'watch-seen',
  store: 'store',
} as const;
