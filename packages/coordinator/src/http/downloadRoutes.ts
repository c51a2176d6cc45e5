import { apiPrefix, FarmError, type JobView } from '@reelmill/protocol';
import { sendFile } from '@reelmill/storage';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { filesOf, openOutput, publishedOf } from './downloads.ts';

/** A client that takes nothing for this long is given up. */
const idleMs = 60_000;

interface Asked {
  readonly output: string;
  readonly '*'?: string;
}

/** Outputs as they were published: one file with Range and ETag; of folders their list, and each file in them. */
export function downloadRoutes(app: FastifyInstance, findJob: (request: FastifyRequest) => JobView): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const { output: name, '*': inner = null } = request.params as Asked;
    const output = publishedOf(findJob(request), name);
    const files = await filesOf(output);
    if (inner === null && files !== null) return files;
    if (inner !== null && files === null) {
      throw new FarmError('NOT_FOUND', { message: `Output ${name} is one file, not a folder.` });
    }
    const { handle, sizeBytes, headers } = await openOutput(output, inner);
    const common = reply.getHeaders();
    reply.hijack();
    reply.raw.setTimeout(idleMs, () => request.raw.destroy());
    try {
      await sendFile(handle, {
        request: request.raw,
        response: reply.raw,
        sizeBytes,
        headers: { ...(common as typeof headers), ...headers },
      });
    } catch {
      // the client left, or the disk failed in the middle: a broken connection says so
      request.raw.destroy();
    } finally {
      await handle.close();
    }
    return reply;
  };
  app.get(`${apiPrefix}/jobs/:id/outputs/:output`, answer);
  app.get(`${apiPrefix}/jobs/:id/outputs/:output/*`, answer);
}
