import { apiPrefix, FarmError, WatchFolderChange, WatchFolderId, WatchFolderRequest } from '@reelmill/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FarmCore } from '../farmCorePort.ts';
import { parseAtDoor } from './parseAtDoor.ts';

const idOf = (request: FastifyRequest): WatchFolderId => {
  const parsed = WatchFolderId.safeParse((request.params as { id: string }).id);
  if (!parsed.success) throw new FarmError('NOT_FOUND', { message: 'There is no watched folder of that id.' });
  return parsed.data;
};

/** Watched folders: list, add, change (pause among it), remove. */
export function watchFolderRoutes(app: FastifyInstance, core: FarmCore): void {
  const root = `${apiPrefix}/watch-folders`;
  app.get(root, () => ({ watchFolders: core.watchFolders() }));
  app.post(root, async (request, reply) => {
    const view = await core.addWatchFolder(parseAtDoor(WatchFolderRequest, request.body));
    return reply.code(201).send(view);
  });
  app.patch(`${root}/:id`, (request) =>
    core.changeWatchFolder(idOf(request), parseAtDoor(WatchFolderChange, request.body)),
  );
  app.delete(`${root}/:id`, async (request, reply) => {
    await core.removeWatchFolder(idOf(request));
    return reply.code(204).send();
  });
}
