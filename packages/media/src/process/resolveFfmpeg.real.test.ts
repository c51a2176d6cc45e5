import { afterEach, expect, test, vi } from 'vitest';
import { parseEncoders, resolveFfmpeg } from './resolveFfmpeg.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the installed FFmpeg is found with its build and encoders', async () => {
  const { ffmpegPath, ffprobePath, toolchain } = await resolveFfmpeg();
  expect(ffmpegPath).toMatch(/ffmpeg/);
  expect(ffprobePath).toMatch(/ffprobe/);
  expect(toolchain.buildHash).toMatch(/^[0-9a-f]{64}$/);
  expect(toolchain.classId).toBe(`${toolchain.buildHash.slice(0, 12)}-${process.arch}`);
  expect(toolchain.encoders).toEqual(expect.arrayContaining(['aac', 'ffv1', 'libx264', 'prores_ks']));
});

test('an option goes before the environment, the environment before PATH', async () => {
  const found = await resolveFfmpeg();
  vi.stubEnv('FFMPEG_BIN', '/nowhere/by-environment');
  await expect(resolveFfmpeg()).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
  const chosen = await resolveFfmpeg({ ffmpegPath: found.ffmpegPath });
  expect(chosen.toolchain).toEqual(found.toolchain);
});

test('nothing on PATH is FFMPEG_MISSING', async () => {
  for (const name of ['REELMILL_FFMPEG', 'FFMPEG_BIN', 'REELMILL_FFPROBE', 'FFPROBE_BIN']) vi.stubEnv(name, '');
  vi.stubEnv('PATH', '/nowhere');
  vi.stubEnv('REELMILL_RESOURCES', '/nowhere');
  await expect(resolveFfmpeg()).rejects.toMatchObject({ code: 'FFMPEG_MISSING' });
});

test('encoder names are read from the table, its legend is not', () => {
  const table = ' V..... = Video\n ------\n V....D libx264              H.264\n A....D aac AAC\n VF.... ffv1   FFV1\n';
  expect(parseEncoders(table)).toEqual(['aac', 'ffv1', 'libx264']);
});
