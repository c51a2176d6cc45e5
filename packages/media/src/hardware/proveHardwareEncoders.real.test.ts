import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveFfmpeg } from '../process/resolveFfmpeg.ts';
import { hardwareEncodersOf } from './hardwareEncoders.ts';
import { proveHardwareEncoders } from './proveHardwareEncoders.ts';

test('every hardware encoder of this FFmpeg is proven or has a reason, in bounded time', async () => {
  const tools = await resolveFfmpeg();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-proof-'));
  const startedMs = performance.now();
  const proofs = await proveHardwareEncoders({ tools, signal: AbortSignal.timeout(120_000) }, folder);
  const listed = hardwareEncodersOf(tools.toolchain.encoders, process.platform);
  expect(proofs.map(({ encoder }) => encoder)).toEqual(listed.map(({ name }) => name));
  for (const proof of proofs) {
    expect(proof.reason, proof.encoder).toMatch(/\w{3}/);
    expect(proof.reason).not.toMatch(/0x|^\[/);
    if (!existsSync('/dev/dri') && !existsSync('/dev/nvidiactl')) expect(proof.proven, proof.encoder).toBe(false);
  }
  const nvenc = proofs.find(({ encoder }) => encoder === 'h264_nvenc');
  if (nvenc && !existsSync('/dev/nvidiactl')) expect(nvenc.reason).toContain('libcuda');
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect(existsSync(folder)).toBe(false);
});

test('a farm that stops does not wait for devices', async () => {
  const tools = await resolveFfmpeg();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-proof-'));
  await expect(proveHardwareEncoders({ tools, signal: AbortSignal.abort() }, folder)).rejects.toMatchObject({
    code: 'CANCELED',
  });
});
