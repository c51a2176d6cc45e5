import { readsSource, segmentName } from '@reelmill/media';
import {
  BugError,
  errorRow,
  FarmError,
  type LeaseKey,
  type NodeId,
  type TaskInput,
  type TaskOffer,
  timing,
  toFarmError,
} from '@reelmill/protocol';
import { currentLease, type TaskPlan } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import { crashPoint } from '../crashPoints.ts';
import { onlyArtifact } from '../house/assembleTask.ts';
import { audioReports, collectResults, findGuilty, type JobResults, reopenGuilty, soundOf } from '../house/evidence.ts';
import { filmOf, type ShelvedPlan } from '../house/manifestShelf.ts';
import type { AgentRoster, ConnectedAgent } from './agentRoster.ts';
import { type SourceDesk, urlTtlSeconds } from './sourceAccess.ts';

export interface OfferDesk {
  /** Builds and sends the offer of a granted lease; refusals and errors go back to the scheduler. Never throws. */
  send(nodeId: NodeId, key: LeaseKey): Promise<void>;
  /** Asks the node for a waiting offer back; what it has begun goes on there. Never throws. */
  recall(nodeId: NodeId, key: LeaseKey): Promise<void>;
}

/** Makes the desk that turns granted leases into offers. */
export function createOfferDesk(context: CoreContext, roster: AgentRoster, sources: SourceDesk): OfferDesk {
  const { dispatcher, logger } = context;

  const refuse = async (nodeId: NodeId, key: LeaseKey, error: FarmError): Promise<void> => {
    logger.info({ nodeId, ...key, code: error.code, cause: error.message }, 'an offer was not taken');
    const data = error.toData();
    // What no other node could do better is the task's own failure.
    const isTaskFault = errorRow(error.code).severity !== 'infrastructure' && error.code !== 'NODE_REFUSED';
    if (isTaskFault) {
      const outcome = { kind: 'failed', error: data } as const;
      await dispatcher.run({ type: 'finish-task', nodeId, ...key, outcome });
    } else {
      await dispatcher.run({ type: 'offer-refused', nodeId, ...key, error: data });
    }
  };

  const deliver = async (agent: ConnectedAgent, key: LeaseKey): Promise<void> => {
    const nodeId = agent.facts.nodeId;
    const offer = await buildOffer(context, { agent, sources, key });
    if (offer === 'sent-back') return;
    if (currentLease(dispatcher.state(), { nodeId, ...key }) === undefined) return;
    crashPoint('dispatched', 'before');
    const answer = await agent.connection.offer(offer).catch((cause: unknown) => {
      throw new FarmError('NODE_REFUSED', { message: `${agent.facts.name} did not answer an offer.`, cause });
    });
    crashPoint('dispatched', 'after');
    if (!answer.accepted) {
      const { error } = answer;
      throw new FarmError('NODE_REFUSED', { message: error.cause, details: { code: error.code, ...error.details } });
    }
  };

  return {
    async recall(nodeId, key) {
      try {
        const returned = await roster.get(nodeId)?.connection.recall(key);
        if (returned === true) await dispatcher.run({ type: 'return-task', nodeId, ...key });
      } catch (cause) {
        logger.info({ err: cause, nodeId, ...key }, 'a waiting offer was not given back');
      }
    },
    async send(nodeId, key) {
      const agent = roster.get(nodeId);
      try {
        if (agent === undefined) throw new FarmError('LEASE_LOST', { message: 'The node left before its offer.' });
        await roster.keepWhile(nodeId, key, () => deliver(agent, key));
      } catch (thrown) {
        await refuse(nodeId, key, toFarmError(thrown)).catch((cause) =>
          logger.error({ err: cause, nodeId, ...key }, 'a refusal could not be journaled'),
        );
      }
    },
  };
}

async function buildOffer(
  context: CoreContext,
  facts: { agent: ConnectedAgent; sources: SourceDesk; key: LeaseKey },
): Promise<TaskOffer | 'sent-back'> {
  const { taskId, attempt } = facts.key;
  const task = context.dispatcher.state().tasks.get(taskId);
  if (task === undefined) throw new BugError(`no task ${taskId} to offer`);
  const { jobId, kind } = task.plan;
  const shelved = await context.manifests.load(jobId, task.plan.rendition);
  const { memoryBytes, costSeconds: expectedSeconds } = task.plan;
  const needs = { expectedSeconds, ...(memoryBytes && { memoryBytes }) };
  const base = { taskId, attempt, jobId, leaseTtlMs: timing.leaseTtlMs, ...needs };
  switch (kind) {
    case 'encode':
    case 'audio':
    case 'extract': {
      const source = await facts.sources.accessFor(facts.agent, jobId, shelved.manifest);
      return { ...base, kind, source, inputs: [], spec: await specOf(context, task.plan, shelved) };
    }
    case 'join': {
      const film = filmOf(shelved);
      const guilty = findGuilty(context, jobId, film);
      if (guilty.length > 0) {
        await reopenGuilty(context, guilty);
        return 'sent-back';
      }
      const results = collectResults(context, jobId, film);
      const inputs = await joinInputs(context, results, facts.agent.connection.baseUrl);
      const { manifest } = film;
      const source = readsSource(manifest.side) ? await facts.sources.accessFor(facts.agent, jobId, manifest) : null;
      return { ...base, kind, source, inputs, spec: { kind: 'join', manifest, sounds: audioReports(results) } };
    }
    default:
      throw new BugError(`${taskId} is a house task`);
  }
}

/** What a farm task is asked to do, of all renditions that share it. */
export async function specOf(context: CoreContext, plan: TaskPlan, shelved: ShelvedPlan): Promise<unknown> {
  const known = <Spec>(planned: { readonly spec: Spec } | undefined): Spec => {
    if (planned === undefined) throw new BugError(`the manifest has no spec for ${plan.taskId}`);
    return planned.spec;
  };
  const index = plan.chunkIndex ?? -1;
  if (shelved.kind === 'stills') return known(shelved.tasks[index]);
  if (plan.kind === 'audio') return known(soundOf(plan, shelved));
  const { encodedWith } = shelved.manifest;
  if (encodedWith.length === 0) return known(shelved.specs.encode[index]);
  const sharing = await Promise.all(encodedWith.map((rendition) => context.manifests.load(plan.jobId, rendition)));
  return { kind: 'shared-encode', parts: sharing.map((other) => known(filmOf(other).specs.encode[index])) };
}

async function joinInputs(context: CoreContext, results: JobResults, baseUrl: string): Promise<TaskInput[]> {
  const sign = async (name: string, artifacts: Parameters<typeof onlyArtifact>[0]): Promise<TaskInput> => {
    const { key, sha256 } = onlyArtifact(artifacts);
    return {
      name,
      get: await context.store.signGet(key, { ttlSeconds: urlTtlSeconds, baseUrl, sha256 }),
    };
  };
  const segments = await Promise.all(
    results.encodes.map(({ artifact }, index) => sign(segmentName(index), [artifact])),
  );
  const sounds = await Promise.all(results.sounds.map(({ name, result }) => sign(name, result.artifacts)));
  return [...segments, ...sounds];
}
