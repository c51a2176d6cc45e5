import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import { ErrorData, InspectAnswer, JobDetail } from '@reelmill/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coordinator, createCoordinator } from '../createCoordinator.ts';
import { createTestAgent } from '../testing/testAgent.ts';
import { drawClip, isEnded, newFolder, openTestFarm, submitOne, untilJob } from '../testing/testFarm.ts';

const tools = await resolveFfmpeg();
let folder = '';
let clip = '';
let coordinator: Coordinator;
let token = '';
beforeAll(async () => {
  folder = await newFolder('inspect');
  clip = join(folder, 'clip.mp4');
  await drawClip(tools, clip, 6);
  const dataDir = join(folder, 'data');
  coordinator = await createCoordinator({
    ...{ dataDir, port: 0, lan: false, storage: { kind: 'embedded' }, tools, staticFolder: null, logLevel: 'silent' },
  });
  token = (await readFile(join(dataDir, 'owner-token'), 'utf8')).trim();
});
afterAll(() => coordinator.close());

async function post(body: object, bearer = token): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${coordinator.info.apiUrl}/api/v1/inspect`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('POST /api/v1/inspect', () => {
  test('header and index: two depths of the same answer', async () => {
    const header = await post({ path: clip, depth: 'header', chunkSeconds: 2 });
    expect(header.status).toBe(200);
    const first = InspectAnswer.parse(header.body);
    expect(first).toMatchObject({ stage: 'header', decision: { kind: 'chunked', isFinal: false } });
    const final = InspectAnswer.parse((await post({ path: clip, chunkSeconds: 2 })).body);
    expect(final).toMatchObject({ stage: 'index', decision: { kind: 'chunked', isFinal: true, chunks: { count: 3 } } });
    expect(final.output).toMatchObject({ frames: 150, frameEvidence: 'packets' });
    expect(final.placement).toMatchObject({ scope: 'farm', nodes: [], note: expect.stringContaining('No node') });
  });

  test.each([
    ['a missing file', { path: '/nowhere/clip.mp4' }, 404, 'SOURCE_NOT_FOUND'],
    ['a relative path', { path: 'clip.mp4' }, 400, 'REQUEST_INVALID'],
    ['no path', {}, 400, 'REQUEST_INVALID'],
    ['an unknown depth', { path: '/clip.mp4', depth: 'deep' }, 400, 'REQUEST_INVALID'],
    ['an unknown preset', { path: '/nowhere/clip.mp4', preset: 'nope' }, 400, 'PRESET_UNKNOWN'],
    ['a wrong setting', { path: '/nowhere/clip.mp4', settings: { speed: 'warp' } }, 400, 'PRESET_INVALID'],
    ['a folder', { path: '/' }, 422, 'UNSUPPORTED_MEDIA'],
  ])('%s: %o is %i %s', async (_, body, status, code) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    const error = ErrorData.parse((answer.body as { error: unknown }).error);
    expect(error.code).toBe(code);
    expect(error.fix).not.toBe('');
  });

  test('text named .mp4 is refused as its job would be', async () => {
    const path = join(folder, 'text.mp4');
    await writeFile(path, 'This is not a film. '.repeat(500));
    expect(await post({ path })).toMatchObject({ status: 422, body: { error: { code: 'UNSUPPORTED_MEDIA' } } });
  });

  test('nobody without the owner token', async () => {
    expect((await post({ path: clip }, '')).status).toBe(401);
    expect((await post({ path: clip }, 'a'.repeat(64))).status).toBe(401);
  });

  test('several at once are all answered', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post({ path: clip })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });
});

describe('with nodes', () => {
  const withToolchain = (change: Partial<FfmpegTools['toolchain']>): FfmpegTools => ({
    ...tools,
    toolchain: { ...tools.toolchain, ...change },
  });

  test('each one is judged, and the job carries the same report', async () => {
    const open = await openTestFarm(await newFolder('data'), { tools });
    const agents = [
      createTestAgent(open, { name: 'able', slots: 1, tools }),
      createTestAgent(open, {
        ...{ name: 'other-build', slots: 1 },
        tools: withToolchain({ classId: 'ffffffffffff-x64', ffmpegVersion: '9.9' }),
      }),
      createTestAgent(open, { name: 'bare', slots: 1, tools: withToolchain({ encoders: ['mpeg4'] }) }),
    ];
    for (const agent of agents) await agent.join();
    const { signal } = new AbortController();
    const asked = { path: clip, preset: 'h264-480p', settings: {}, chunkSeconds: 2, threads: null } as const;
    const { placement, ...report } = await open.core.inspect({ ...asked, depth: 'index' }, signal);
    const whyNot = Object.fromEntries(placement.nodes.map((node) => [node.name, node.whyNot]));
    expect(whyNot.able).toBeNull();
    expect(whyNot['other-build']).toMatch(/another FFmpeg \(9\.9/);
    expect(whyNot.bare).toBe('Its FFmpeg lacks the encoder libx264 and aac.');
    expect(placement.nodes.map((node) => node.canRun)).toEqual([true, false, false]);
    expect(placement.note).toBeNull();
    await agents[2]?.leave();
    const jobId = await submitOne(open.core, clip, { preset: 'h264-480p', outputFolder: await newFolder('out') });
    const job = await untilJob(open.core, jobId, isEnded);
    expect(job.state).toBe('done');
    expect(job.reports).toEqual([report]);
    expect(JobDetail.parse({ ...job, placement: open.core.placement(report.requires) }).placement?.nodes).toHaveLength(
      2,
    );
    for (const agent of agents.slice(0, 2)) await agent.leave();
    await open.close();
  });
});
