import { join } from 'node:path';
import { wrapSequence } from '@reelmill/media';
import type { HouseCall } from './houseCall.ts';
import { assertRoom } from './spaceCheck.ts';

/** The film to plan: the source itself, or an image sequence wrapped into one, anew at each probe. */
export async function wrappedSource(call: HouseCall): Promise<{ path: string; notes: readonly string[] }> {
  const { context, jobId, request, signal } = call;
  const { sequence } = request;
  if (sequence === null) return { path: request.sourcePath, notes: [] };
  const path = join(context.sequencesFolder, jobId, 'sequence.mov');
  const onFrames = (done: number, total: number): void =>
    call.progress({ phase: 'index', percent: total === 0 ? 0 : (100 * done) / total });
  const options = { settings: sequence.settings, outputPath: path, onFrames, assertRoom };
  const { missing } = await wrapSequence(sequence.images, options, { tools: context.tools, signal });
  if (missing === '') return { path, notes: [] };
  const what = sequence.settings.gaps === 'hold' ? 'the frame before each is shown again' : 'they are left out';
  return { path, notes: [`SEQUENCE_GAPS: numbers ${missing} are missing; ${what}.`] };
}
