import { execFile } from 'node:child_process';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dataFiles, ErrorLine, InspectLine, JobDetail } from '@reelmill/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, cliEntry, runCli, temporaryFolder } from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (...parts: string[]): string => join(folder.path, ...parts);
beforeAll(async () => {
  folder = await temporaryFolder();
  await makeClip(at('film.mp4'), { seconds: 6, faststart: true });
  await writeFile(at('empty.mp4'), '');
  await writeFile(at('text.mp4'), 'This is not a film.\n'.repeat(200));
  await makeClip(at('truncated.mp4'), { seconds: 4, faststart: true });
  await truncate(at('truncated.mp4'), Math.floor((await stat(at('truncated.mp4'))).size * 0.6));
});
afterAll(() => folder.remove());

const linesOf = (result: CliResult): InspectLine[] =>
  result.lines.filter((line) => line.type === 'inspect').map((line) => InspectLine.parse(line));

describe('without a coordinator', () => {
  const inspect = (...args: string[]): Promise<CliResult> =>
    runCli(['inspect', ...args, '--json', '--data', at('no-coordinator')]);

  test('two lines: the header first, then the index; judged by this machine, and it says so', async () => {
    const result = await inspect(at('film.mp4'), '--chunk-seconds', '2');
    expect(result.code, result.stderr).toBe(0);
    const [first, final, ...more] = linesOf(result);
    expect(more).toEqual([]);
    expect(first).toMatchObject({ stage: 'header', decision: { isFinal: false } });
    expect(final).toMatchObject({
      ...{ stage: 'index', path: at('film.mp4'), preset: 'h264-720p' },
      decision: { kind: 'chunked', isFinal: true, chunks: { count: 3 } },
      output: { frames: 150, frameEvidence: 'packets' },
      placement: { scope: 'this-machine', note: expect.stringContaining('No coordinator') },
    });
    expect(final?.placement.nodes).toMatchObject([{ nodeId: null, canRun: true }]);
  });

  test('several presets: one report per rendition, cut alike; a rung that repeats another is left out', async () => {
    const presets = ['--preset', 'h264-1080p,h264-720p,h264-320p,thumbnail,audio-flac', '--chunk-seconds', '2'];
    const [first, final, ...more] = linesOf(await inspect(at('film.mp4'), ...presets));
    expect(more).toEqual([]);
    const ids = ['h264-720p', 'h264-320p', 'thumbnail', 'audio-flac'];
    for (const line of [first, final]) expect(line?.renditions?.map(({ preset }) => preset)).toEqual(ids);
    expect(final).toMatchObject({
      stage: 'index',
      preset: 'h264-720p',
      warnings: [expect.stringMatching(/RUNG_LEFT_OUT/)],
    });
    expect(final?.renditions?.map(({ decision }) => decision.kind)).toEqual(['chunked', 'chunked', 'whole', 'whole']);
    expect(final?.renditions?.every(({ placement }) => placement.nodes[0]?.canRun)).toBe(true);
  });

  test('--depth header: one line', async () => {
    const result = await inspect(at('film.mp4'), '--depth', 'header');
    expect(linesOf(result).map(({ stage }) => stage)).toEqual(['header']);
  });

  test('for people: the decision, the frames, what becomes of the tracks', async () => {
    const args = [cliEntry, 'inspect', at('film.mp4'), '--preset', 'ffv1-archive', '--data', at('no-coordinator')];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(stdout).toMatch(/first answer .*\n.*plan +cut into about/);
    expect(stdout).toMatch(/final answer [\s\S]*frames +150 \(exact, by its packets\)/);
    expect(stdout).toMatch(/kept +640×360, h264: 640×360 as ffv1/);
    expect(stdout).toContain('No coordinator runs here');
  });

  test.each([
    ['missing.mp4', 'SOURCE_NOT_FOUND'],
    ['empty.mp4', 'SOURCE_EMPTY'],
    ['text.mp4', 'UNSUPPORTED_MEDIA'],
    ['truncated.mp4', 'SOURCE_TRUNCATED'],
  ])('%s: exit 1 and %s with cause and fix, on both streams', async (name, code) => {
    const result = await inspect(at(name));
    expect(result.code).toBe(1);
    const error = ErrorLine.parse(result.lines.at(-1));
    expect(error.code).toBe(code);
    expect(error.cause.length).toBeGreaterThan(10);
    expect(error.fix.length).toBeGreaterThan(10);
    expect(result.stderr).toContain(code);
  });

  test.each([
    ['an unknown preset', ['film.mp4', '--preset', 'nope'], 'PRESET_UNKNOWN'],
    ['a wrong setting', ['film.mp4', '--set', 'speed=warp'], 'PRESET_INVALID'],
    ['no file', [], 'NO_INPUT'],
  ])('%s is a usage error: exit 2', async (_, args, code) => {
    const result = await inspect(...args.map((arg) => (arg === 'film.mp4' ? at(arg) : arg)));
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(code);
  });

  test('a named server that does not answer: exit 3, no silent judgement of this machine', async () => {
    await writeFile(at('token'), 'x'.repeat(64));
    const result = await inspect(at('film.mp4'), '--server', 'http://127.0.0.1:9', '--token-file', at('token'));
    expect(result.code).toBe(3);
    expect(linesOf(result)).toEqual([]);
  });
});

describe('with a coordinator', () => {
  let farm: ServeFarm;
  beforeAll(async () => {
    farm = serveFarm(at('farm'));
    await farm.startCoordinator();
    await farm.addAgent('node-a', { slots: 1 });
  });
  afterAll(() => farm.stop());

  test('its nodes are judged, and the job carries the same report', async () => {
    const asked = ['--preset', 'h264-480p', '--set', 'speed=ultrafast', '--chunk-seconds', '2'];
    const result = await runCli(['inspect', at('film.mp4'), '--json', '--data', farm.dataDir, ...asked]);
    expect(result.code, result.stderr).toBe(0);
    const [first, final] = linesOf(result);
    expect(first).toMatchObject({ stage: 'header' });
    expect(final?.placement).toMatchObject({ scope: 'farm', note: null, nodes: [{ name: 'node-a', canRun: true }] });
    const jobId = await farm.submit(at('film.mp4'), [...asked, '--out', at('out')]);
    expect(await farm.jobLine(jobId)).toMatchObject({ state: 'done', chunks: 3 });
    const token = (await readFile(join(farm.dataDir, dataFiles.ownerToken), 'utf8')).trim();
    const response = await fetch(`${farm.ready().apiUrl}/api/v1/jobs/${jobId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { reports, placement } = JobDetail.parse(await response.json());
    expect({ type: 'inspect', ...reports[0], placement }).toEqual(final);
  });

  test('a wrong token: exit 4', async () => {
    await writeFile(at('wrong-token'), 'x'.repeat(64));
    const result = await runCli(['inspect', at('film.mp4'), '--data', farm.dataDir, '--token-file', at('wrong-token')]);
    expect(result.code).toBe(4);
  });

  test('a file that would be refused: its code, exit 1', async () => {
    const result = await runCli(['inspect', at('text.mp4'), '--json', '--data', farm.dataDir]);
    expect(result.code).toBe(1);
    expect(result.lines.at(-1)).toMatchObject({ type: 'error', code: 'UNSUPPORTED_MEDIA' });
  });

  test('after it was killed its data folder names nobody: this machine answers', async () => {
    farm.coordinator().child.kill('SIGKILL');
    await farm.coordinator().ended;
    const result = await runCli(['inspect', at('film.mp4'), '--json', '--data', farm.dataDir]);
    expect(result.code, result.stderr).toBe(0);
    expect(linesOf(result)[1]?.placement.scope).toBe('this-machine');
  });
});
