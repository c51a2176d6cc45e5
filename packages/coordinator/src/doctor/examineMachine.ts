import { createServer } from 'node:net';
import { loadPresets, resolveFfmpeg } from '@reelmill/media';
import {
  ailing,
  type DoctorCheck,
  type DoctorReport,
  defaultPort,
  diskMarksOf,
  FarmError,
  healthy,
  productVersion,
  toFarmError,
} from '@reelmill/protocol';
import { diskSpace } from '@reelmill/storage';
import { lanAddresses } from '../discovery/lanAddresses.ts';
import { volumeOf } from '../house/spaceCheck.ts';
import { checkDisk, checkEncoders, checkFfmpeg } from './farmChecks.ts';
import { checkAddress } from './networkChecks.ts';

/**
 * What can be said of a machine on which no coordinator runs: whether one would find what it needs. Never rejects.
 * @param dataDir of the coordinator that would run here; need not exist
 */
export async function examineMachine(dataDir: string): Promise<DoctorReport> {
  const stopped = { bound: null, lan: false, mdns: null };
  const checks = [
    ailing('coordinator', 'fault', {
      found: `Reelmill ${productVersion}; no coordinator runs with the data folder ${dataDir}.`,
      cause: 'It was not started, or it ended.',
      fix: 'Start it: npm start for the window, reelmill serve without one. For another machine name it with --server.',
    }),
    checkAddress(stopped, lanAddresses()),
    await checkFreePort(defaultPort),
    await diskFinding(dataDir),
    ...(await toolFindings()),
  ];
  return { checks, examinedAt: new Date().toISOString() };
}

async function checkFreePort(port: number): Promise<DoctorCheck> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port, exclusive: true }, resolve);
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    return healthy('port', `Port ${port} is free.`);
  } catch (cause) {
    const { code } = cause as { code?: string };
    return ailing('port', 'warning', {
      found: `Port ${port} cannot be opened (${code}).`,
      cause: 'Another program has it, or the system keeps it back.',
      fix: 'Nothing: the next free port is taken and remembered. Or choose one with reelmill serve --port.',
    });
  }
}

async function diskFinding(dataDir: string): Promise<DoctorCheck> {
  try {
    const { freeBytes, totalBytes } = await diskSpace((await volumeOf(dataDir)).where);
    const marks = diskMarksOf(totalBytes);
    return checkDisk({ freeBytes, ...marks, low: freeBytes < marks.lowBytes, waitingJobs: 0 });
  } catch (thrown) {
    const { message, fix } = toFarmError(thrown);
    return ailing('disk', 'fault', { found: `${dataDir} is out of reach.`, cause: message, fix });
  }
}

async function toolFindings(): Promise<DoctorCheck[]> {
  try {
    const [tools, presets] = await Promise.all([resolveFfmpeg(), loadPresets()]);
    return [checkFfmpeg(tools), checkEncoders(tools, presets)];
  } catch (thrown) {
    const { code, message, fix } = thrown instanceof FarmError ? thrown : toFarmError(thrown);
    return [ailing('ffmpeg', 'fault', { found: `No FFmpeg to work with (${code}).`, cause: message, fix })];
  }
}
