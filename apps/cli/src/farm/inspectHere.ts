import { availableParallelism, hostname } from 'node:os';
import { findPreset, inspectSource, loadPresets, resolveFfmpeg, whyNotOn } from '@reelmill/media';
import type { InspectAnswer, InspectRequest, Placement, SourceReport, Toolchain } from '@reelmill/protocol';

const note = 'No coordinator runs here, so this is judged by the FFmpeg of this machine alone.';

/** The same answers without a coordinator. @throws FarmError as `inspectSource` does, FFMPEG_MISSING, PRESET_UNKNOWN */
export async function inspectHere(
  request: InspectRequest,
  { show, signal }: { show: (answer: InspectAnswer) => void; signal: AbortSignal },
): Promise<void> {
  const [tools, presets] = await Promise.all([resolveFfmpeg({ signal }), loadPresets()]);
  const { path, preset: presetId, ...asked } = request;
  const preset = findPreset(presets, presetId);
  const threads = request.threads ?? preset.threads;
  const answer = (report: SourceReport): InspectAnswer => ({
    ...report,
    placement: placementHere(tools.toolchain, report.requires, threads),
  });
  const own = { tools, signal, preset, toolchainClass: tools.toolchain.classId };
  const onHeader = (report: SourceReport): void => show(answer(report));
  show(answer(await inspectSource(path, { ...asked, ...own, onHeader })));
}

function placementHere(toolchain: Toolchain, requires: SourceReport['requires'], threads: number): Placement {
  const whyNot = whyNotOn(toolchain, requires);
  const node = {
    nodeId: null,
    name: hostname(),
    slots: Math.max(1, Math.floor(availableParallelism() / threads)),
    ffmpegVersion: toolchain.ffmpegVersion,
    toolchainClass: toolchain.classId,
    canRun: whyNot === null,
    whyNot,
  };
  return { scope: 'this-machine', nodes: [node], note };
}
