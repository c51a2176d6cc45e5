import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type FfmpegTools, softwareEncoders } from '@reelmill/media';
import { type AnyPreset, ailing, type DoctorCheck, type FarmStats, healthy, type NodeView } from '@reelmill/protocol';
import { type ObjectStore, objectKeys } from '@reelmill/storage';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** Writes a small object, reads it back and removes it. @throws FarmError as the store does */
export async function checkStore(store: ObjectStore, signal: AbortSignal): Promise<DoctorCheck> {
  const startedMs = performance.now();
  const key = objectKeys.trial(randomBytes(8).toString('hex'));
  const written = randomBytes(1024);
  await store.putBytes(key, written, { signal });
  try {
    const read = await buffer(await store.get(key, { signal }));
    if (!read.equals(written)) {
      return ailing('store', 'fault', {
        found: 'A small object was written and came back changed.',
        cause: 'The disk, the network or the server of the store spoils what it is given.',
        fix: 'Test that disk or server before anything else is rendered; every chunk is checked by its hash meanwhile.',
      });
    }
  } finally {
    await store.remove(key, { signal }).catch(() => {}); // the sweep of orphans takes it
  }
  const kind = store.kind === 's3' ? 'S3' : 'Embedded store';
  return healthy(
    'store',
    `${kind}: written, read back and removed in ${Math.round(performance.now() - startedMs)} ms.`,
  );
}

/** Of the disk that journal and embedded store lie on, as it was measured last. */
export function checkDisk(disk: FarmStats['disk']): DoctorCheck {
  if (disk === null || disk === undefined) return healthy('disk', 'Not measured yet.');
  const found = `${gigabytes(disk.freeBytes)} free in the data folder; nothing new is begun below ${gigabytes(disk.lowBytes)}.`;
  if (!disk.low && disk.waitingJobs === 0) return healthy('disk', found);
  return ailing('disk', disk.low ? 'fault' : 'warning', {
    found,
    cause: disk.low
      ? 'The disk is low: nothing new is taken or given out.'
      : `${disk.waitingJobs} jobs wait for room on a disk they write to.`,
    fix: `Free space on that disk; it goes on by itself${disk.low ? ` above ${gigabytes(disk.highBytes)}` : ''}.`,
  });
}

export const checkFfmpeg = ({ ffmpegPath, toolchain }: Pick<FfmpegTools, 'ffmpegPath' | 'toolchain'>): DoctorCheck =>
  healthy('ffmpeg', `FFmpeg ${toolchain.ffmpegVersion} at ${ffmpegPath}, build ${toolchain.classId}.`);

/** Whether every preset has its encoder in the FFmpeg of this machine. */
export function checkEncoders(tools: Pick<FfmpegTools, 'toolchain'>, presets: readonly AnyPreset[]): DoctorCheck {
  const missing = new Map<string, string[]>();
  for (const preset of presets) {
    const video = 'video' in preset ? preset.video : null;
    const encoder = video !== null && 'codec' in video ? softwareEncoders[video.codec] : null;
    if (encoder === null || tools.toolchain.encoders.includes(encoder)) continue;
    missing.set(encoder, [...(missing.get(encoder) ?? []), preset.id]);
  }
  if (missing.size === 0) return healthy('encoders', `All encoders of the ${presets.length} presets are there.`);
  const wanted = [...missing].map(([encoder, ids]) => `${encoder} (${ids.join(', ')})`);
  return ailing('encoders', 'warning', {
    found: `Not in this FFmpeg: ${wanted.join('; ')}.`,
    cause: 'This build of FFmpeg was made without them; jobs with these presets are refused.',
    fix: 'Install an FFmpeg that has them, and name it with REELMILL_FFMPEG.',
  });
}

/** Who works, and who could but does not. */
export function checkNodes(nodes: readonly NodeView[]): DoctorCheck {
  const online = nodes.filter(({ state }) => state === 'ready' || state === 'rendering');
  const slots = online.reduce((sum, node) => sum + node.slots, 0);
  const found = `${online.length} ${online.length === 1 ? 'node' : 'nodes'} online with ${slots} ${slots === 1 ? 'slot' : 'slots'}.`;
  if (online.length === 0) {
    return ailing('nodes', 'fault', {
      found,
      cause: 'Nothing is rendered without a node.',
      fix: 'Start the agent of this machine or join another: Add node shows the line.',
    });
  }
  const idle = nodes.flatMap((node) => {
    const reason = whyIdle(node);
    return reason === null ? [] : [`${node.name}: ${reason}`];
  });
  if (idle.length === 0) return healthy('nodes', found);
  return ailing('nodes', 'warning', {
    found,
    cause: `${idle.join('. ')}.`,
    fix: 'The card of each node says what to do; reelmill why JOB says what speaks against it for a job.',
  });
}

function whyIdle({ state, error, quarantine, diskLow }: NodeView): string | null {
  if (state === 'refused') return error?.cause ?? 'it was refused';
  if (quarantine !== null) return `under quarantine, ${quarantine.error.cause}`;
  if (state === 'offline') return 'offline';
  return diskLow === true ? 'its disk is low' : null;
}
