import { type CommandAnswer, type PresetView, SubmitAnswer, type SubmitRequest } from '@reelmill/protocol';
import { useFarmStore } from '../../store/farmStore.ts';
import { CommandError, sendCommand } from '../../store/link.ts';
import { notify, notifyFailure } from '../../store/notices.ts';
import { setView, useViewStore } from '../../store/viewStore.ts';
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
export async function addContent(content: DropContent): Promise<void> {
  if (content.paths.length + content.files.length === 0) {
    return notify('info', 'Nothing added: the drop held no files.');
  }
  setView({ screen: 'queue' });
  const byPath = content.paths.map((path): SubmitInput => ({ kind: 'path', path }));
  const uploads = content.files.map(async (file) => {
    try {
      await submit([{ kind: 'upload', uploadId: await uploadFile(file) }]);
    } catch (thrown) {
      notifyFailure(thrown);
    }
  });
  const paths = byPath.length > 0 ? submit(byPath).catch(notifyFailure) : Promise.resolve();
  await Promise.all([paths, ...uploads]);
}

async function submit(inputs: SubmitInput[]): Promise<void> {
  const presets = useFarmStore.getState().replica?.farm.presets ?? [];
  const { preset, outputFolder } = useViewStore.getState();
  const chosen = currentPreset(presets, preset);
  if (!chosen) {
    throw new CommandError({ cause: 'The coordinator offers no presets.', fix: 'Check its resources/presets folder.' });
  }
  const request: SubmitRequest = {
    inputs,
    preset: chosen.id,
    settings: {},
    outputFolder,
    chunkSeconds: null,
    threads: null,
    verify: 'seams',
  };
  tellSkipped(await sendCommand({ type: 'submit', request }));
}

function tellSkipped(answer: CommandAnswer): void {
  const { skipped } = SubmitAnswer.parse(answer);
  if (skipped.length === 0) return;
  const names = skipped.slice(0, 4).map((path) => path.split(/[\\/]/).pop());
  const more = skipped.length > 4 ? ` and ${skipped.length - 4} more` : '';
  notify('info', `${skipped.length} skipped: not media`, `${names.join(', ')}${more}`);
}
