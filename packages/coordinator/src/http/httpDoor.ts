import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { apiPrefix, type DoctorReport, FarmError, productVersion, toFarmError } from '@reelmill/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { FarmCore } from '../farmCorePort.ts';
import { addApiRoutes } from './apiRoutes.ts';
import { isLoopback, isOwnHost, refuseCaller } from './callers.ts';
import { commonHeaders } from './contentSecurity.ts';
import { type CredentialFacts, callerOf } from './credentials.ts';
import { errorStatus } from './errorStatus.ts';
import { paceConnections } from './paceConnections.ts';
import { loopbackOnlyPage, type Page, signInPage } from './pages.ts';
import { parseAtDoor } from './parseAtDoor.ts';
import { sendStatic } from './staticFiles.ts';

export interface HttpDoorFacts {
  readonly core: FarmCore;
  readonly logger: Logger;
  readonly credentials: CredentialFacts;
  readonly extraOrigins: readonly string[];
  readonly staticFolder: string | null;
  readonly uploadsFolder: string;
  examine(): Promise<DoctorReport>;
  readonly objectDoor: ((request: IncomingMessage, response: ServerResponse) => Promise<boolean>) | null;
}

const objectPrefix = '/objects/';
/** Large enough for 10,000 long paths in one request. */
const jsonLimitBytes = 48 * 1024 ** 2;
const headersTimeoutMs = 15_000;

const pathOf = (request: { url?: string | undefined }): string => (request.url ?? '/').split('?', 1)[0] ?? '/';
const isPage = (path: string): boolean => path !== '/healthz' && !path.startsWith('/api/');
const sendPage = (reply: FastifyReply, status: number, page: Page): FastifyReply =>
  reply.code(status).header('content-security-policy', page.policy).type('text/html; charset=utf-8').send(page.html);

const errorBody = (error: FarmError) => ({ error: error.toData() });

function writeError(response: ServerResponse, error: FarmError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(errorStatus(error.code), { ...commonHeaders, 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(errorBody(error)));
}

/** Signed URLs are their own authentication; anything else below /objects/ is a stranger. */
async function serveObject(facts: HttpDoorFacts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    if (await facts.objectDoor?.(request, response)) return;
    throw new FarmError('NOT_AUTHORIZED', { message: 'This is no signed address.' });
  } catch (cause) {
    const error = toFarmError(cause);
    if (error.code === 'INTERNAL') facts.logger.error({ err: cause }, 'the object door failed');
    writeError(response, error);
  }
}

/** Decides before any route runs, also for addresses that do not exist. */
function guard(facts: HttpDoorFacts) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    reply.headers(commonHeaders);
    const path = pathOf(request.raw);
    if (path === '/healthz') return undefined;
    const remoteAddress = request.raw.socket.remoteAddress;
    const refusal = refuseCaller(request.raw, facts);
    if (refusal !== undefined) throw new FarmError('FORBIDDEN', { message: refusal });
    const caller = callerOf({ headers: request.headers, remoteAddress }, facts.credentials);
    // A bearer token cannot be stolen by rebinding a name; cookies and pages could.
    const hasBearer = request.headers.authorization !== undefined;
    if (!hasBearer && !isOwnHost(request.headers.host)) {
      throw new FarmError('FORBIDDEN', { message: 'This server does not answer under that name.' });
    }
    if (caller === 'agent') throw new FarmError('FORBIDDEN');
    if (isPage(path) && !isLoopback(remoteAddress)) return sendPage(reply, 403, loopbackOnlyPage());
    if (caller === 'owner' || (path === `${apiPrefix}/session` && request.method === 'POST')) return undefined;
    const wantsPage =
      facts.staticFolder !== null && request.method === 'GET' && (path === '/' || path === '/index.html');
    if (wantsPage) return sendPage(reply, 401, signInPage());
    throw new FarmError('NOT_AUTHORIZED');
  };
}

const SessionRequest = z.object({ code: z.string().min(1).max(200) });

function addSessionRoute(app: FastifyInstance, facts: HttpDoorFacts): void {
  const { credentials } = facts;
  app.post(`${apiPrefix}/session`, async (request, reply) => {
    const remoteAddress = request.raw.socket.remoteAddress;
    if (!isLoopback(remoteAddress)) {
      throw new FarmError('FORBIDDEN', { message: 'The interface answers in browsers of this machine only.' });
    }
    const { code } = parseAtDoor(SessionRequest, request.body);
    const cookie = credentials.sessions.redeem(code, Date.now());
    if (cookie !== undefined) return reply.header('set-cookie', cookie).code(204).send();
    if (callerOf({ headers: request.headers, remoteAddress }, credentials) === 'owner') return reply.code(204).send();
    throw new FarmError('NOT_AUTHORIZED', { message: 'This one-time code was used already or never existed.' });
  });
}

/** A second `serve` on the same data folder attaches: it asks the running one for a code to open the interface with. */
function addCodeRoute(app: FastifyInstance, facts: HttpDoorFacts): void {
  app.post(`${apiPrefix}/session/code`, () => ({ code: facts.credentials.sessions.newCode() }));
}

function toAnswer(thrown: unknown): { error: FarmError; status: number } {
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  if (!(thrown instanceof FarmError) && typeof status === 'number' && status >= 400 && status < 500) {
    const message = `The request cannot be understood: ${(thrown as Error).message}.`;
    return { error: new FarmError('REQUEST_INVALID', { message, cause: thrown }), status };
  }
  const error = toFarmError(thrown);
  return { error, status: errorStatus(error.code) };
}

function addErrorAnswers(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    const { error, status } = toAnswer(thrown);
    if (status >= 500)
      logger.error({ err: thrown, method: request.method, path: pathOf(request.raw) }, 'a request failed');
    const { retryAfterSeconds } = error.details as { retryAfterSeconds?: unknown };
    if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds);
    return reply.code(status).send(errorBody(error));
  });
  app.setNotFoundHandler(() => {
    throw new FarmError('NOT_FOUND', { message: 'There is no such address.' });
  });
}

function addStaticRoute(app: FastifyInstance, folder: string): void {
  app.get('/*', (request, reply) => {
    const path = `/${(request.params as { '*': string })['*']}`;
    if (path.startsWith('/api/')) throw new FarmError('NOT_FOUND', { message: 'There is no such address.' });
    return sendStatic(folder, path, reply);
  });
}

function createRawServer(
  facts: HttpDoorFacts,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  // No limit for a whole request: uploads take as long as they take; idle ones are ended by their own routes.
  const server = createServer({ requestTimeout: 0, headersTimeout: headersTimeoutMs }, (request, response) => {
    if (pathOf(request).startsWith(objectPrefix)) void serveObject(facts, request, response);
    else handler(request, response);
  });
  paceConnections(server);
  return server;
}

/** Everything HTTP on one server that does not listen yet; sockets are attached to the same server. */
export async function createHttpDoor(facts: HttpDoorFacts): Promise<{ server: Server; close(): Promise<void> }> {
  const app = fastify({
    logger: false,
    bodyLimit: jsonLimitBytes,
    serverFactory: (handler) => createRawServer(facts, handler),
    routerOptions: { maxParamLength: 2_000 },
  });
  app.addHook('onRequest', guard(facts));
  addErrorAnswers(app, facts.logger);
  app.get('/healthz', () => ({ ok: true, productVersion }));
  addSessionRoute(app, facts);
  addCodeRoute(app, facts);
  await addApiRoutes(app, facts);
  if (facts.staticFolder !== null) addStaticRoute(app, facts.staticFolder);
  await app.ready();
  return { server: app.server, close: () => app.close() };
}
