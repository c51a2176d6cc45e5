import { basename, join } from 'node:path';
import { frameHashes, resolveFfmpeg } from '@reelmill/media';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliResult, render, temporaryFolder } from './support/farmProcesses.ts';
import { testClips } from './support/testMedia.ts';

/**
 * Six minutes of 1080p take as long as all the others together, most of it to decode the lossless output: here only in
 * the full tier. `npm test` proves its seams on samples (packages/media/src/identity/frameIdentityLong.real.test.ts).
 */
const isLong = (name: string): boolean => name.startsWith('d28');
const isFull = process.env.REELMILL_TEST_TIER === 'full';

/** Decision 7: these must be cut at 2 s. */
const mustBeChunked = ['d01', 'd02', 'd11', 'd13', 'd14', 'd18', 'd22', 'd23', ...(isFull ? ['d28'] : [])];

const clips = testClips().filter(({ name }) => isFull || !isLong(name));
const withVideo = clips.filter((clip) => clip.hasVideo);

describe.skipIf(clips.length === 0)('every real clip through ffv1-archive at 2 s chunks', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let result: CliResult;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const inputs = clips.map((clip) => clip.path);
    const args = [
      '--preset',
      'ffv1-archive',
      '--out',
      join(folder.path, 'out'),
      '--chunk-seconds',
      '2',
      '--agents',
      '2',
    ];
    result = await render(folder.path, inputs, args);
  }, 1_800_000);
  afterAll(() => folder.remove());

  const jobOf = (name: string) => {
    const job = result.jobs.find((line) => basename(line.input) === name);
    if (job === undefined) throw new Error(`no job line for ${name}\n${result.stderr}`);
    return job;
  };

  test.each(withVideo.map((clip) => [clip.name, clip] as const))(
    '%s keeps every frame, in order',
    { timeout: 900_000 },
    async (name, clip) => {
      const job = jobOf(name);
      expect(job.state, JSON.stringify(job.error)).toBe('done');
      const run = { tools: await resolveFfmpeg(), signal: AbortSignal.timeout(500_000) };
      const [source, output] = await Promise.all([
        frameHashes(clip.path, run),
        frameHashes(job.outputs[0]?.path ?? '', run),
      ]);
      expect(output).toEqual(source);
      expect(job.outputs[0]?.frames).toBe(source.length);
    },
  );

  test.each(mustBeChunked)('%s is cut', (prefix) => {
    const clip = clips.find(({ name }) => name.startsWith(prefix));
    expect(jobOf(clip?.name ?? '').plan).toBe('chunked');
  });

  test('what has no video is refused with NO_VIDEO', () => {
    for (const clip of clips.filter(({ hasVideo }) => !hasVideo)) expect(jobOf(clip.name).code).toBe('NO_VIDEO');
  });

  test('the command ends with 1 because some inputs were refused, and the others are done', () => {
    expect(result.code).toBe(clips.length === withVideo.length ? 0 : 1);
  });
});
