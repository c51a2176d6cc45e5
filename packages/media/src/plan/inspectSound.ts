import type { Preset, SourceIdentity, SourceReport } from '@reelmill/protocol';
import { fileFacts, readSoundHeaders } from '../probe/probeSource.ts';
import { readSound, type SoundSource } from '../probe/readSound.ts';
import type { InspectOptions } from './inspectSource.ts';
import { planSound } from './planSound.ts';
import { soundReport } from './soundReport.ts';

/** `inspectSource` for presets of sound alone. @throws FarmError as `readSound` and `planSound` do */
export async function inspectSound(
  path: string,
  identity: SourceIdentity,
  options: InspectOptions & { readonly preset: Preset },
): Promise<SourceReport> {
  const report = (source: SoundSource, stage: SourceReport['stage']): SourceReport => {
    const manifest = planSound({ ...options, identity, source, verify: 'seams' });
    const named = { path, preset: options.preset.id, toolchainClass: options.toolchainClass };
    return soundReport({ ...named, stage, info: source.info, manifest });
  };
  if (options.depth === 'header') {
    const info = await readSoundHeaders(path, await fileFacts(path), options);
    return report({ info, audioEndSeconds: null }, 'header');
  }
  const onHeaders = (info: SoundSource['info']): void =>
    options.onHeader?.(report({ info, audioEndSeconds: null }, 'header'));
  return report(await readSound(path, { ...options, onHeaders }), 'index');
}
