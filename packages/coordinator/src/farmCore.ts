import type { JobId, SubmitRequest } from '@reelmill/protocol';
import { currentLease, type Effect } from '@reelmill/scheduler';
import type { CoreContext } from './coreContext.ts';
import { examine } from './doctor/examine.ts';
import { createFailureDesk } from './failures/failureDesk.ts';
import type { AgentRoster } from './farm/agentRoster.ts';
import { createNodeDesk } from './farm/nodeDesk.ts';
import type { OfferDesk } from './farm/offers.ts';
import { placementOn } from './farm/placement.ts';
import type { ResultDesk } from './farm/results.ts';
import type { SourceDesk } from './farm/sourceAccess.ts';
import { whyWaiting } from './farm/whyWaiting.ts';
import type { FarmCore, FarmProjection, FinishedUpload } from './farmCorePort.ts';
import type { OpenHistoryDesk } from './history/historyDesk.ts';
import { createLogDesk } from './history/logDesk.ts';
import { createQualityDesk } from './history/qualityDesk.ts';
import type { DiskGuard } from './house/diskGuard.ts';
import type { HouseRunner } from './house/houseRunner.ts';
import type { Sweeper } from './house/sweeper.ts';
import { createInspect } from './intake/inspectPath.ts';
import { defaultIntakeLimits, IntakeGate } from './intake/intakeGate.ts';
import type { OutputNames } from './intake/outputNames.ts';
import { submitJobs } from './intake/submitJobs.ts';
import { accept, createJobDesk } from './jobDesk.ts';
import type { WatchDesk } from './watch/watchDesk.ts';

/** The working parts of a coordinator, as the composition root made them. */
export interface CoreParts {
  readonly context: CoreContext;
  readonly roster: AgentRoster;
  readonly offers: OfferDesk;
  readonly results: ResultDesk;
  readonly sources: SourceDesk;
  readonly house: HouseRunner;
  readonly sweeper: Sweeper;
  readonly diskGuard: DiskGuard;
  readonly history: OpenHistoryDesk;
  readonly uploads: Map<string, FinishedUpload>;
  readonly uploadOutputsFolder: string;
}

/** Runs what the scheduler decided, after it is durable. */
export function runEffect(parts: CoreParts, effect: Effect): void {
  switch (effect.type) {
    case 'offer-task':
      void parts.offers.send(effect.nodeId, { taskId: effect.taskId, attempt: effect.attempt });
      return;
    case 'cancel-lease':
      parts.roster.get(effect.nodeId)?.connection.cancel({ taskId: effect.taskId, attempt: effect.attempt });
      return;
    case 'recall-lease':
      void parts.offers.recall(effect.nodeId, { taskId: effect.taskId, attempt: effect.attempt });
      return;
    case 'tell-pause':
      parts.roster.get(effect.nodeId)?.connection.pause(effect.pause);
      return;
    case 'tell-hours':
      parts.roster.get(effect.nodeId)?.connection.hours(effect.hours);
      return;
    case 'run-house-task':
      parts.house.start(effect.taskId, effect.attempt);
      return;
    case 'cancel-house-task':
      parts.house.cancel(effect.taskId, effect.attempt);
      return;
    case 'sweep-job':
      parts.sources.forget(effect.jobId);
      parts.sweeper.sweep(effect.jobId, effect.keepSegments);
      return;
    default:
      effect satisfies never;
  }
}

/** What the doors may ask of the farm, over its parts. */
export function createFarmCore(
  parts: CoreParts,
  { projection, names }: { projection: FarmProjection; names: OutputNames },
): Omit<FarmCore, keyof WatchDesk> {
  return {
    projection,
    presets: parts.context.presets,
    ...jobCommands(parts, names),
    ...createJobDesk(parts, names),
    ...createFailureDesk(parts.context, parts.sweeper),
    attempts: parts.history.attempts,
    watchAttempts: parts.history.watchAttempts,
    ...createLogDesk(parts.context, parts),
    ...createQualityDesk(parts.context),
    noteRefusedMessage: (reason) => parts.context.emit({ kind: 'message-refused', reason }),
    ...createNodeDesk(parts.context, projection),
    inspect: createInspect(parts.context, parts.roster),
    placement: (requires) => placementOn(parts, requires),
    examine: (doors) => examine(parts.context, projection, doors),
    why: (jobId) => whyWaiting(parts.context.dispatcher.state(), jobId),
    ...agentDoor(parts),
    ...nodeNotes(parts),
  };
}

type JobCommands = Pick<FarmCore, 'submit' | 'registerUpload' | 'pauseFarm' | 'resumeFarm'>;

function jobCommands(parts: CoreParts, names: OutputNames): JobCommands {
  const { context } = parts;
  const gate = new IntakeGate(
    () => names.openJobs(),
    defaultIntakeLimits,
    () => parts.diskGuard.assertOpen(),
  );
  return {
    submit: (request: SubmitRequest, jobId?: JobId) =>
      gate.admit(() => submitJobs(request, { ...parts, ...context, names, ...(jobId && { jobId }) })),
    registerUpload: (upload) => void parts.uploads.set(upload.uploadId, upload),
    async pauseFarm(stopAfter, now = false) {
      accept(await context.dispatcher.run({ type: 'pause-farm', stopAfter }), stopAfter);
      if (now) stopEverywhere(parts);
    },
    async resumeFarm() {
      accept(await context.dispatcher.run({ type: 'resume-farm' }), null);
    },
  };
}

/** Every node gives back what it runs; nothing new is given to it, because the farm is paused. */
function stopEverywhere({ roster }: CoreParts): void {
  const pause = { mode: 'now', by: 'owner', since: new Date().toISOString() } as const;
  for (const { connection } of roster.all()) connection.pause(pause);
}

type AgentDoor = Pick<
  FarmCore,
  'agentHello' | 'agentHeartbeat' | 'agentStanding' | 'agentProgress' | 'agentUpload' | 'agentFinished' | 'agentLeft'
>;

/** An agent tells of its upload only when bytes moved; the scheduler hears of it once in this while. */
const movedIntervalMs = 2_000;

function agentDoor(parts: CoreParts): AgentDoor {
  const { context, roster, results } = parts;
  return {
    agentHello: (connection, hello) => roster.join(connection, hello),
    agentHeartbeat(nodeId, heartbeat) {
      context.emit({ kind: 'node-telemetry', nodeId, telemetry: heartbeat.telemetry, epochMs: Date.now() });
      return roster.heartbeat(nodeId, heartbeat);
    },
    async agentStanding(nodeId, { cpuBack, farmHours, ...said }) {
      if (cpuBack !== null) context.emit({ kind: 'node-cpu-back', nodeId, cpuBack });
      await context.dispatcher.run({
        type: 'note-standing',
        nodeId,
        ...said,
        ...(farmHours !== undefined && { farmHours }),
      });
      return null;
    },
    agentProgress(nodeId, progress) {
      const { taskId, attempt } = progress;
      const lease = currentLease(context.dispatcher.state(), { nodeId, taskId, attempt });
      if (lease === undefined) return context.emit({ kind: 'message-refused', reason: 'fenced' });
      if (lease.startedAt === null) context.dispatcher.runVolatile({ type: 'start-task', nodeId, taskId, attempt });
      const { clock } = context.dispatcher.state();
      if (progress.phase === 'upload' && clock - (lease.movedAt ?? Number.NEGATIVE_INFINITY) >= movedIntervalMs) {
        context.dispatcher.runVolatile({ type: 'free-slot', nodeId, taskId, attempt });
      }
      context.emit({ kind: 'task-progress', nodeId, progress });
    },
    agentUpload: (nodeId, request) => results.signUpload(nodeId, request),
    agentFinished: (nodeId, finished) => results.finish(nodeId, finished),
    agentLeft: (connection, reason) => roster.leave(connection, reason),
  };
}

type NodeNotes = Pick<FarmCore, 'noteFoundNode' | 'noteLostNode' | 'forgetNode'>;

function nodeNotes({ context, roster }: CoreParts): NodeNotes {
  return {
    noteFoundNode: (node) => context.emit({ kind: 'node-found', node }),
    noteLostNode: (nodeId) => context.emit({ kind: 'node-lost', nodeId }),
    forgetNode(nodeId) {
      const agent = roster.get(nodeId);
      if (agent !== undefined) {
        roster
          .leave(agent.connection, 'disconnected')
          .catch((cause) => context.logger.error({ err: cause, nodeId }, 'a leave could not be decided'));
      }
      context.emit({ kind: 'node-forgotten', nodeId });
    },
  };
}
