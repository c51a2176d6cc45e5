import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  askedHardware,
  chooseHardwareClass,
  findPreset,
  type HardwareCandidate,
  inspectSource,
  loadPresets,
  proveHardwareEncoders,
  type RunOptions,
  resolveFfmpeg,
  whyNotOn,
  withSettings,
} from '@reelmill/media';
import {
  type InspectAnswer,
  type InspectRequest,
  isTimedPreset,
  type Placement,
  type SourceReport,
} from '@reelmill/protocol';

const note = 'No coordinator runs here, so this is judged by the FFmpeg of this machine alone.';

/** The same answers without a coordinator. @throws FarmError as `inspectSource` does, FFMPEG_MISSING, PRESET_UNKNOWN, HARDWARE_UNPROVEN */
export async function inspectHere(
  request: InspectRequest,
  { show, signal }: { show: (answer: InspectAnswer) => void; signal: AbortSignal },
): Promise<void> {
  const [tools, presets] = await Promise.all([resolveFfmpeg({ signal }), loadPresets()]);
  const { path, preset: presetId, ...asked } = request;
  const preset = findPreset(presets, presetId);
  const set = withSettings(preset, asked.settings);
  const wanted = isTimedPreset(set) ? askedHardware(set.video) : null;
  const { classId } = tools.toolchain;
  const machine = {
    name: hostname(),
    slots: Math.max(1, Math.floor(availableParallelism() / (request.threads ?? preset.threads))),
    toolchain: tools.toolchain,
    proofs: wanted === null ? null : await proveHere({ tools, signal }),
  };
  const toolchainClass = wanted === null ? classId : chooseHardwareClass(wanted, [machine], classId);
  const answer = (report: SourceReport): InspectAnswer => ({
    ...report,
    placement: placementHere(machine, report.requires),
  });
  const own = { tools, signal, preset, toolchainClass };
  const onHeader = (report: SourceReport): void => show(answer(report));
  show(answer(await inspectSource(path, { ...asked, ...own, onHeader })));
}

const proveHere = async (run: RunOptions) =>
  proveHardwareEncoders(run, await mkdtemp(join(tmpdir(), 'reelmill-hardware-')));

function placementHere(
  { name, slots, toolchain, proofs }: HardwareCandidate,
  requires: SourceReport['requires'],
): Placement {
  const whyNot = whyNotOn({ toolchain, proofs }, requires);
  const node = {
    nodeId: null,
    name,
    slots,
    ffmpegVersion: toolchain.ffmpegVersion,
    toolchainClass: toolchain.classId,
    canRun: whyNot === null,
    whyNot,
  };
  return { scope: 'this-machine', nodes: [node], note };
}
