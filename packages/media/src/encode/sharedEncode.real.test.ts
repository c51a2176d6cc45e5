import { createHash } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPicture } from '@reelmill/protocol';
import { beforeAll, expect, test } from 'vitest';
import type { Manifest, SharedEncodeSpec } from '../manifest.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { planLadder } from '../plan/planLadder.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { readSource } from '../probe/readSource.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import { testRun } from '../testing/testRun.ts';
import { encodeChunk, encodeSharedChunk } from './encodeChunk.ts';

const run = testRun();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reelmill-shared-'));
});

async function planOf(sourcePath: string, ids: readonly string[]): Promise<Manifest[]> {
  const presets = await loadTimedPresets();
  const identity = await checkSource(sourcePath);
  return planLadder({
    ...(await readSource(sourcePath, run)),
    ...{ identity, settings: {}, chunkSeconds: 2, threads: null, toolchainClass: 'test', verify: 'seams' },
    presets: ids.map((id) => findPreset(presets, id)).filter(hasPicture),
  });
}

const hashOf = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

const sources: [name: string, picture: string, args: string[]][] = [
  ['plain.mp4', 'testsrc2=size=854x480:rate=25:duration=5', ['-c:v', 'libx264', '-bf', '3', '-g', '40']],
  [
    'anamorphic-vfr.mkv',
    'testsrc2=size=720x576:rate=50:duration=5,select=not(mod(n\\,3)),setsar=64/45',
    ['-c:v', 'libx264', '-fps_mode', 'passthrough'],
  ],
];

test.each(sources)(
  '%s: what is encoded together has the bytes of what is encoded alone',
  async (name, picture, args) => {
    const source = join(folder, name);
    await runFfmpeg(['-f', 'lavfi', '-i', `${picture},format=yuv420p`, ...args, '-y', source], run);
    const plans = await planOf(source, ['h264-480p', 'h264-360p', '320p']);
    const [lead] = plans;
    expect(lead?.encodedWith.length).toBe(plans.length);
    expect(plans.length).toBeGreaterThan(1);
    for (const at of [1, (lead?.chunks.length ?? 0) - 1]) {
      const parts = plans.map((plan) => manifestTasks(plan).encode[at]?.spec) as SharedEncodeSpec['parts'];
      const outputPaths = parts.map((_, part) => join(folder, `${name}-${at}-${part}.mp4`));
      const spec = { kind: 'shared-encode', parts } as const;
      const shared = await encodeSharedChunk(spec, { sourcePath: source, outputPaths }, run);
      for (const [part, one] of parts.entries()) {
        const outputPath = join(folder, `${name}-${at}-${part}-alone.mp4`);
        const alone = await encodeChunk(one, { sourcePath: source, outputPath }, run);
        const { wallSeconds: _, cpuSeconds: __, ...facts } = alone;
        expect(shared.parts[part]).toMatchObject(facts);
        expect(await hashOf(outputPaths[part] as string)).toBe(await hashOf(outputPath));
      }
    }
  },
);
