import { type JobId, type PresetView, type RenditionId, SubmitAnswer, type SubmitRequest } from '@reelmill/protocol';
import { announce } from '../../store/announcer.ts';
import { useFarmStore } from '../../store/farmStore.ts';
import { rememberAdded } from '../../store/jobActions.ts';
import { CommandError, sendCommand } from '../../store/link.ts';
import { notify, notifyFailure } from '../../store/notices.ts';
import { setView, useViewStore } from '../../store/viewStore.ts';
import { showIntakeMessage } from './intakeMessage.ts';
import { readPastedText } from './pastedText.ts';
import type { DropContent } from './readDrop.ts';
import { uploadFile } from './uploads.ts';

type SubmitInput = SubmitRequest['inputs'][number];

/** The preset of the next drop: the remembered one while the farm has it, else H.264 720p, else the first. */
export function currentPreset(presets: readonly PresetView[], remembered: string | null): PresetView | undefined {
  return (
    presets.find((preset) => preset.id === remembered) ??
    presets.find((preset) => preset.id === 'h264-720p') ??
    presets[0]
  );
}

/** Adds what was dropped or chosen, with the current preset and no question asked. Failures become notices. */
export async function addContent(content: DropContent, preset?: RenditionId): Promise<void> {
  if (content.text !== undefined) return addDroppedText(content.text, preset);
  if (content.paths.length + content.files.length === 0) {
    return notify('info', 'Nothing added: the drop held no files.');
  }
  setView({ screen: 'queue' });
  const byPath = content.paths.map((path): SubmitInput => ({ kind: 'path', path }));
  const added: Added = { jobIds: [], skipped: [] };
  const uploads = content.files.map(async ({ file, subfolder }) => {
    try {
      const upload = { kind: 'upload' as const, uploadId: await uploadFile(file) };
      await submit([{ ...upload, ...(subfolder !== null && { subfolder }) }], added, preset);
    } catch (thrown) {
      notifyFailure(thrown);
    }
  });
  const paths = byPath.length > 0 ? submit(byPath, added, preset).catch(notifyFailure) : Promise.resolve();
  await Promise.all([paths, ...uploads]);
  tellSkipped(added.skipped);
  const count = added.jobIds.length;
  rememberAdded(added.jobIds, `add ${count} ${count === 1 ? 'job' : 'jobs'}`);
  if (count > 0) announce(`${count} ${count === 1 ? 'job' : 'jobs'} added`);
}

/** What one drop brought, over all its submissions. */
interface Added {
  readonly jobIds: JobId[];
  readonly skipped: string[];
}

async function addDroppedText(text: string, preset: RenditionId | undefined): Promise<void> {
  const { paths, refusal } = readPastedText(text);
  setView({ screen: 'queue' });
  if (refusal) showIntakeMessage(refusal);
  if (paths.length > 0) await addContent({ paths, files: [] }, preset);
}

async function submit(inputs: SubmitInput[], added: Added, wanted?: RenditionId): Promise<void> {
  const presets = useFarmStore.getState().replica?.farm.presets ?? [];
  const { preset, outputFolder, nameTemplate } = useViewStore.getState();
  const chosen = currentPreset(presets, wanted ?? preset);
  if (!chosen) {
    throw new CommandError({ cause: 'The coordinator offers no presets.', fix: 'Check its resources/presets folder.' });
  }
  const request: SubmitRequest = {
    inputs,
    preset: chosen.id,
    name: nameTemplate,
    settings: {},
    outputFolder,
    chunkSeconds: null,
    threads: null,
    verify: 'seams',
  };
  const answer = SubmitAnswer.parse(await sendCommand({ type: 'submit', request }));
  added.jobIds.push(...answer.jobs.map(({ jobId }) => jobId));
  added.skipped.push(...answer.skipped);
}

function tellSkipped(skipped: readonly string[]): void {
  if (skipped.length === 0) return;
  const names = skipped.slice(0, 4).map((path) => path.split(/[\\/]/).pop());
  const more = skipped.length > 4 ? ` and ${skipped.length - 4} more` : '';
  notify('info', `${skipped.length} skipped: not media`, `${names.join(', ')}${more}`);
}
