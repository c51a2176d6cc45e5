import { assertSourceUnchanged } from '@reelmill/media';
import { BugError } from '@reelmill/protocol';
import { hashFile } from './hashFile.ts';
import type { HouseCall } from './houseCall.ts';

/** SHA-256 of the source, while its chunks are encoded; must exist before anything is published (decision 9). */
export async function hashTask(call: HouseCall): Promise<unknown> {
  const [plan] = await call.context.manifests.all(call.jobId);
  if (plan === undefined) throw new BugError(`${call.jobId} has no plan`);
  const { manifest } = plan;
  await assertSourceUnchanged(manifest.source);
  const total = manifest.source.sizeBytes;
  const hash = await hashFile(manifest.source.path, {
    signal: call.signal,
    onBytes: (done) => call.progress({ phase: 'hash', bytes: { done, total } }),
  });
  await assertSourceUnchanged(manifest.source);
  return { kind: 'hash', sha256: hash.sha256, sizeBytes: hash.sizeBytes };
}
