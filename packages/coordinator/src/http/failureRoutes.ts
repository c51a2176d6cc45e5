import { apiPrefix, GiveUpFailures, RetryFailures } from '@reelmill/protocol';
import type { FastifyInstance } from 'fastify';
import type { FarmCore } from '../farmCorePort.ts';
import { parseAtDoor } from './parseAtDoor.ts';

/** Dead letters by cause and what can be done about them. */
export function failureRoutes(app: FastifyInstance, core: FarmCore): void {
  app.get(`${apiPrefix}/failures`, () => ({ groups: core.failures() }));
  app.post(`${apiPrefix}/failures/retry`, (request) => core.retryFailures(parseAtDoor(RetryFailures, request.body)));
  app.post(`${apiPrefix}/failures/give-up`, (request) =>
    core.giveUpFailures(parseAtDoor(GiveUpFailures, request.body)),
  );
}
