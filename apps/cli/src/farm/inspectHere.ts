import { mkdtemp } from 'node:fs/promises';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  askedHardware,
  chooseHardwareClass,
  findPreset,
  type HardwareCandidate,
  inspectRenditions,
  loadPresets,
  proveHardwareEncoders,
  type RunOptions,
  resolveFfmpeg,
  whyNotOn,
  withSettings,
} from '@reelmill/media';
import {
  type AnyPreset,
  type InspectAnswer,
  type InspectRequest,
  inspectAnswer,
  isTimedPreset,
  type Placement,
  presetsOf,
  type SourceReport,
} from '@reelmill/protocol';

const note = 'No coordinator runs here, so this is judged by the FFmpeg of this machine alone.';

/** The same answers without a coordinator. @throws FarmError as `inspectRenditions` does, FFMPEG_MISSING, PRESET_UNKNOWN, HARDWARE_UNPROVEN */
export async function inspectHere(
  request: InspectRequest,
  { show, signal }: { show: (answer: InspectAnswer) => void; signal: AbortSignal },
): Promise<void> {
  const [tools, known] = await Promise.all([resolveFfmpeg({ signal }), loadPresets()]);
  const { path, preset: _, ...asked } = request;
  const presets = presetsOf(request).map((id) => findPreset(known, id));
  const wanted = hardwareOf(presets, asked.settings);
  const threads = Math.max(...presets.map((preset) => preset.threads));
  const machine = {
    name: hostname(),
    slots: Math.max(1, Math.floor(availableParallelism() / (request.threads ?? threads))),
    toolchain: tools.toolchain,
    proofs: wanted.size === 0 ? null : await proveHere({ tools, signal }),
  };
  const { classId: toolchainClass } = tools.toolchain;
  const classes = [...wanted].map(([id, hardware]) => [id, chooseHardwareClass(hardware, [machine], toolchainClass)]);
  const showAll = (reports: readonly SourceReport[]): void => {
    const placed = reports.map((report) => ({ ...report, placement: placementHere(machine, report.requires) }));
    show(inspectAnswer(placed, request));
  };
  const own = { tools, signal, presets, toolchainClass, hardwareClasses: new Map(classes as [string, string][]) };
  showAll(await inspectRenditions(path, { ...asked, ...own, onHeader: showAll }));
}

/** What presets ask of hardware, by their ids. */
function hardwareOf(presets: readonly AnyPreset[], settings: InspectRequest['settings']) {
  const asked = presets.flatMap((preset) => {
    const set = withSettings(preset, settings);
    const hardware = isTimedPreset(set) ? askedHardware(set.video) : null;
    return hardware === null ? [] : [[preset.id, hardware] as const];
  });
  return new Map(asked);
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
