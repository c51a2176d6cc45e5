import type { Readable } from 'node:stream';
import {
  apiPrefix,
  type DoctorReport,
  FarmError,
  InspectRequest,
  JobChange,
  type JobDetail,
  JobId,
  type JobView,
  PauseRequest,
  type Placement,
  SubmitRequest,
} from '@reelmill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { crashPoint } from '../crashPoints.ts';
import type { FarmCore } from '../farmCorePort.ts';
import { downloadRoutes } from './downloadRoutes.ts';
import { failureRoutes } from './failureRoutes.ts';
import { historyRoutes } from './historyRoutes.ts';
import { nodeRoutes } from './nodeRoutes.ts';
import { parseAtDoor } from './parseAtDoor.ts';
import { storeUpload } from './uploads.ts';
import { watchFolderRoutes } from './watchFolderRoutes.ts';

export interface ApiFacts {
  readonly core: FarmCore;
  readonly uploadsFolder: string;
  examine(): Promise<DoctorReport>;
}

/** An upload that sends nothing for this long is given up. */
const uploadIdleMs = 60_000;

const jobIdOf = (request: FastifyRequest): JobId => {
  const parsed = JobId.safeParse((request.params as { id: string }).id);
  if (!parsed.success) throw new FarmError('NOT_FOUND', { message: 'There is no job of that id.' });
  return parsed.data;
};

function findJob(core: FarmCore, jobId: JobId): JobView {
  const job = core.projection.snapshot().farm.jobs.find((one) => one.jobId === jobId);
  if (job === undefined) throw new FarmError('NOT_FOUND', { message: `There is no job ${jobId}.` });
  return job;
}

/** Of the whole job: a node is asked for every encoder that any rendition needs, and for the memory of the largest. */
function placementOf(core: FarmCore, { reports }: JobView): Placement | null {
  const [first] = reports;
  if (first === undefined) return null;
  const encoders = [...new Set(reports.flatMap(({ requires }) => requires.encoders))];
  const memoryBytes = Math.max(1, ...reports.map(({ requires }) => requires.memoryBytes ?? 1));
  return core.placement({ ...first.requires, encoders, memoryBytes });
}

const jobDetail = (core: FarmCore, job: JobView): JobDetail => ({
  ...job,
  placement: placementOf(core, job),
});

function readRoutes(app: FastifyInstance, core: FarmCore): void {
  const farm = () => core.projection.snapshot().farm;
  app.get(`${apiPrefix}/farm`, () => core.projection.snapshot());
  app.get(`${apiPrefix}/jobs`, () => {
    const { jobs, stats } = farm();
    return { jobs, warnings: stats.warnings, paused: stats.paused, stopAfter: stats.stopAfter };
  });
  app.get(`${apiPrefix}/jobs/:id`, (request) => jobDetail(core, findJob(core, jobIdOf(request))));
  app.get(`${apiPrefix}/jobs/:id/why`, (request) => core.why(jobIdOf(request)));
  historyRoutes(app, core, jobIdOf);
  app.get(`${apiPrefix}/nodes`, () => ({ nodes: farm().nodes }));
  app.get(`${apiPrefix}/presets`, () => ({ presets: farm().presets }));
}

function jobRoutes(app: FastifyInstance, core: FarmCore): void {
  app.post(`${apiPrefix}/jobs`, async (request, reply) => {
    const answer = await core.submit(parseAtDoor(SubmitRequest, request.body));
    crashPoint('acked', 'before');
    reply.raw.once('finish', () => crashPoint('acked', 'after'));
    return reply.code(202).send(answer);
  });
  app.post(`${apiPrefix}/jobs/:id/cancel`, async (request, reply) => {
    await core.cancel(jobIdOf(request));
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/jobs/:id/retry`, async (request, reply) => {
    await core.retry(jobIdOf(request));
    return reply.code(204).send();
  });
  app.patch(`${apiPrefix}/jobs/:id`, async (request, reply) => {
    const { preset, outputName, ...order } = parseAtDoor(JobChange, request.body);
    const jobId = jobIdOf(request);
    if (preset !== undefined || outputName !== undefined) await core.change(jobId, { preset, outputName });
    if (Object.keys(order).length > 0) await core.order(jobId, order);
    return reply.code(204).send();
  });
  app.delete(`${apiPrefix}/jobs/:id`, async (request, reply) => {
    const { undo } = request.query as { undo?: unknown };
    if (undo === undefined) await core.remove(jobIdOf(request));
    else await core.discard(jobIdOf(request));
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/jobs/:id/restore`, async (request, reply) => {
    await core.restore(jobIdOf(request));
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/jobs/:id/duplicate`, async (request, reply) =>
    reply.code(202).send(await core.duplicate(jobIdOf(request))),
  );
}

function farmRoutes(app: FastifyInstance, core: FarmCore): void {
  app.post(`${apiPrefix}/farm/pause`, async (request, reply) => {
    const { stopAfter, now } = parseAtDoor(PauseRequest, request.body ?? {});
    await core.pauseFarm(stopAfter, now);
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/farm/resume`, async (_request, reply) => {
    await core.resumeFarm();
    return reply.code(204).send();
  });
}

/** Reading a long film takes seconds: a caller that leaves ends it. */
function inspectRoute(app: FastifyInstance, core: FarmCore): void {
  app.post(`${apiPrefix}/inspect`, async (request, reply) => {
    const wanted = parseAtDoor(InspectRequest, request.body);
    const left = new AbortController();
    reply.raw.once('close', () => left.abort());
    return core.inspect(wanted, left.signal);
  });
}

const declaredBytes = (request: FastifyRequest): number | null => {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(length) ? length : null;
};

/** Takes any content type as bytes, hence a scope of its own. */
async function uploadRoutes(app: FastifyInstance, facts: ApiFacts): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.put(`${apiPrefix}/uploads/:name`, async (request, reply) => {
      request.raw.socket.setTimeout(uploadIdleMs, () => request.raw.destroy());
      const upload = await storeUpload(facts.uploadsFolder, {
        name: (request.params as { name: string }).name,
        body: (request.body as Readable | null) ?? request.raw,
        declaredBytes: declaredBytes(request),
      });
      request.raw.socket.setTimeout(0);
      facts.core.registerUpload(upload);
      const { uploadId, name, sizeBytes, sha256 } = upload;
      return reply.code(201).send({ uploadId, name, sizeBytes, sha256 });
    });
  });
}

/** The REST door of packages/protocol/src/rest.ts, behind the guard of `httpDoor.ts`. */
export async function addApiRoutes(app: FastifyInstance, facts: ApiFacts): Promise<void> {
  readRoutes(app, facts.core);
  jobRoutes(app, facts.core);
  downloadRoutes(app, (request) => findJob(facts.core, jobIdOf(request)));
  failureRoutes(app, facts.core);
  farmRoutes(app, facts.core);
  nodeRoutes(app, facts.core);
  inspectRoute(app, facts.core);
  watchFolderRoutes(app, facts.core);
  app.get(`${apiPrefix}/doctor`, () => facts.examine());
  await uploadRoutes(app, facts);
}
