import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  ChunkView,
  CoordinatorToInterface,
  FarmChange,
  FarmView,
  InterfaceToCoordinator,
  JobView,
} from '@reelmill/protocol';
import { interfaceNamespace } from '@reelmill/protocol';
import { Server } from 'socket.io';
import { fixtureFarm, fixtureJob, tickJob } from './fixtureFarm.ts';
import { fixtureHistory, fixtureLog, fixtureQuality } from './fixtureHistory.ts';

/**
 * Development only: the built renderer over an invented farm that speaks the real wire types, to look at many rows and
 * rare states without rendering for hours. `node e2e/desktop/fixtureServer.ts [PORT] [JOBS]`.
 */
export async function startFixtureServer(options: {
  port: number;
  jobs: number;
}): Promise<{ url: string; close(): Promise<void> }> {
  const folder = fileURLToPath(new URL('../../apps/desktop/out/renderer', import.meta.url));
  const types: Record<string, string> = {
    html: 'text/html',
    js: 'text/javascript',
    css: 'text/css',
    svg: 'image/svg+xml',
  };
  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://fixture');
    if (pathname.startsWith('/api/')) return response.writeHead(pathname.endsWith('/session') ? 204 : 200).end();
    const name = pathname === '/' ? 'index.html' : pathname.slice(1);
    readFile(join(folder, name)).then(
      (body) => {
        const type = types[name.split('.').pop() ?? ''] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type, 'content-security-policy': policy }).end(body);
      },
      () => response.writeHead(404).end(),
    );
  });
  const farm = fixtureFarm(options.jobs);
  const stop = serveFarm(new Server<InterfaceToCoordinator, CoordinatorToInterface>(http), farm);
  await new Promise<void>((resolve) => http.listen(options.port, '127.0.0.1', resolve));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return { url: `http://127.0.0.1:${port}/#code=fixture`, close: stop };
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://127.0.0.1:*; img-src 'self' data: blob:; font-src 'self'";

function serveFarm(io: Server<InterfaceToCoordinator, CoordinatorToInterface>, farm: FarmView): () => Promise<void> {
  const door = io.of(interfaceNamespace);
  let sequence = 0;
  const publish = (changes: FarmChange[]): void => {
    sequence += 1;
    door.emit('farm:patch', { epoch: 'fixture', sequence, changes });
  };
  door.on('connection', (socket) => {
    const snapshot = () => socket.emit('farm:snapshot', { epoch: 'fixture', sequence, farm });
    snapshot();
    socket.on('farm:resync', snapshot);
    const jobOf = (jobId: JobView['jobId'] | null) => farm.jobs.find((job) => job.jobId === jobId);
    socket.on('job:watch', (jobId, ack) => {
      const job = jobOf(jobId);
      ack({ ok: true, value: job ? fixtureHistory(job) : null });
    });
    socket.on('job:log', (request, ack) => ack({ ok: true, value: fixtureLog(request) }));
    socket.on('job:quality', (jobId, ack) => ack({ ok: true, value: fixtureQuality(jobOf(jobId) as JobView) }));
    socket.on('command', (command, ack) => {
      if (command.type === 'submit') {
        const job = fixtureJob(farm.jobs.length, 'queued');
        farm.jobs.push(job);
        publish([{ kind: 'job-added', job, at: farm.jobs.length - 1 }]);
        return ack({ ok: true, value: { jobs: [], skipped: [] } });
      }
      if (command.type === 'set-lan') farm.stats = { ...farm.stats, lan: command.enabled, joinCommand: null };
      ack({ ok: true, value: null });
    });
  });
  const timer = setInterval(() => publish(tickFarm(farm)), 250);
  return async () => {
    clearInterval(timer);
    await io.close();
  };
}

function tickFarm(farm: FarmView): FarmChange[] {
  const changes: FarmChange[] = [];
  for (const job of farm.jobs.filter((candidate) => candidate.state === 'encoding')) {
    const chunks: ChunkView[] = tickJob(job);
    const fields: Partial<JobView> = {
      percent: job.percent,
      fps: job.fps,
      speed: job.speed,
      chunksDone: job.chunksDone,
    };
    changes.push({ kind: 'job-changed', jobId: job.jobId, fields, chunks });
  }
  farm.nodes = farm.nodes.map((node) =>
    node.cpuPercent === null || node.state === 'offline'
      ? node
      : { ...node, cpuPercent: Math.max(3, Math.min(99, node.cpuPercent + (Math.random() - 0.5) * 14)) },
  );
  for (const node of farm.nodes) changes.push({ kind: 'node-changed', node });
  farm.stats = { ...farm.stats, cpuPercent: farm.nodes[0]?.cpuPercent ?? null, fps: 160 + Math.random() * 12 };
  changes.push({ kind: 'stats-changed', stats: farm.stats });
  return changes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [port = '7499', jobs = '14'] = process.argv.slice(2);
  const { url } = await startFixtureServer({ port: Number(port), jobs: Number(jobs) });
  process.stdout.write(`${url}\n`);
}
