import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobLine, StillProof } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processesNaming, render, runCli, startCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clip: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  clip = join(folder.path, 'clip.mp4');
  await makeClip(clip, { seconds: 10, size: '640x360' });
});
afterAll(() => folder.remove());

const env = (scratch: string) => ({
  REELMILL_DATA: join(folder.path, 'data'),
  REELMILL_SCRATCH: join(folder.path, scratch),
});
const optionsFor = (out: string, agents: number) => [
  ...['--preset', 'frames-png', '--set', 'fps=5', '--chunk-seconds', '1', '--agents', String(agents)],
  ...['--out', join(folder.path, out)],
];

test('frames of a film have the same bytes from one agent and from two of which one is killed', async () => {
  const { jobs } = await render(folder.path, [clip], optionsFor('one', 1), { env: env('scratch-one') });
  const [alone] = jobs as [JobLine];
  expect(alone).toMatchObject({ state: 'done', plan: 'chunked', chunks: 10, outputs: [{ frames: 50 }] });
  expect(await readdir(join(folder.path, 'one', 'clip_frames-png'))).toHaveLength(51);

  const started = startCli(['render', clip, ...optionsFor('two', 2), '--json'], { env: env('scratch-two') });
  await started.until((line) => line.type === 'chunk' && line.state === 'encoding');
  const victim = (await processesNaming(join(folder.path, 'scratch-two'))).find(
    ({ command }) => /node-agent|reelmill-agent/.test(command) && !/setpriv/.test(command),
  );
  if (victim === undefined) throw new Error('no agent process found to kill');
  process.kill(victim.pid, 'SIGKILL');
  const job = (await started.until((line) => line.type === 'job')) as unknown as JobLine;
  expect((await started.ended).code, started.stderr()).toBe(0);
  expect(job.outputs[0]?.sha256).toBe(alone.outputs[0]?.sha256);
  expect((await readdir(join(folder.path, 'two'))).sort()).toEqual(['clip_frames-png', 'clip_frames-png.proof.json']);
  await provesPictures(alone.outputs[0]?.path ?? '');
});

/** The certificate beside the folder names every picture and its time; one changed, missing or foreign file is found. */
async function provesPictures(path: string): Promise<void> {
  const proof = StillProof.parse(JSON.parse(await readFile(`${path}.proof.json`, 'utf8')));
  expect(proof).toMatchObject({ output: { kind: 'folder' }, source: { frames: 250, name: 'clip.mp4' } });
  expect([proof.files.length, proof.frames.length, proof.parts.length]).toEqual([51, 50, 10]);
  expect(proof.frames[49]).toMatchObject({ frame: 245, ptsSeconds: 9.8, file: 'frame_000050.png' });
  const deep = await runCli(['verify', '--deep', '--json', '--source', clip, path], { env: env('scratch-one') });
  expect(deep.lines[0], deep.stderr).toMatchObject({ ok: true, depth: 'deep', worstPictures: [{}, {}, {}] });
  expect(deep.lines[0]?.pictures).toHaveLength(50);
  expect(JSON.stringify(deep.lines[0]?.pictures)).not.toMatch(/"psnr":\d/);
  const verify = async () => (await runCli(['verify', '--json', path], { env: env('scratch-one') })).lines[0];
  expect(await verify()).toMatchObject({ ok: true, frames: 50, files: 51, signedBy: { known: 'this user' } });
  await rm(join(path, 'frame_000002.png'));
  await writeFile(join(path, 'frame_000003.png'), 'not this');
  await writeFile(join(path, 'mine.txt'), 'mine');
  const { error } = (await verify()) as { error: { code: string } };
  expect(error.code).toBe('PROOF_MISMATCH');
  expect(JSON.stringify(error)).toMatch(
    /_000002.png is missing, frame_000003.png has other bytes, mine.txt was not rendered/,
  );
}
