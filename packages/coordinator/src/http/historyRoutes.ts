import { apiPrefix, type JobId, LogRequest } from '@reelmill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FarmCore } from '../farmCorePort.ts';
import { parseAtDoor } from './parseAtDoor.ts';

/** `?task=…&attempt=N` or `?chunk=N&attempt=N`. */
function logRequestOf(request: FastifyRequest, jobId: JobId): LogRequest {
  const { task, chunk, attempt } = request.query as { task?: string; chunk?: string; attempt?: string };
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return parseAtDoor(LogRequest, { jobId, taskId: task, chunk: number(chunk), attempt: number(attempt) });
}

/** What a job did: its attempts, their logs, and what its certificates prove. */
export function historyRoutes(app: FastifyInstance, core: FarmCore, jobIdOf: (request: FastifyRequest) => JobId): void {
  const job = `${apiPrefix}/jobs/:id`;
  app.get(`${job}/attempts`, (request) => core.attempts(jobIdOf(request)));
  app.get(`${job}/log`, (request) => core.attemptLog(logRequestOf(request, jobIdOf(request))));
  app.get(`${job}/quality`, (request) => core.quality(jobIdOf(request)));
}
