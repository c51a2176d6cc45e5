import { apiPrefix, PauseNodeRequest, ScheduleNodeRequest } from '@reelmill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FarmCore } from '../farmCorePort.ts';
import { parseAtDoor } from './parseAtDoor.ts';

const nameOf = (request: FastifyRequest): string => (request.params as { id: string }).id;

/** What an owner may order of one node, by its name or id. */
export function nodeRoutes(app: FastifyInstance, core: FarmCore): void {
  app.post(`${apiPrefix}/nodes/:id/release`, async (request, reply) => {
    await core.releaseNode(nameOf(request));
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/nodes/:id/pause`, async (request, reply) => {
    await core.pauseNode(nameOf(request), parseAtDoor(PauseNodeRequest, request.body ?? {}));
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/nodes/:id/schedule`, async (request, reply) => {
    await core.scheduleNode(nameOf(request), parseAtDoor(ScheduleNodeRequest, request.body));
    return reply.code(204).send();
  });
  app.post(`${apiPrefix}/nodes/:id/resume`, async (request, reply) => {
    await core.resumeNode(nameOf(request));
    return reply.code(204).send();
  });
}
