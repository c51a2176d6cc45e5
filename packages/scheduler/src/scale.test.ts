import { timing } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import { evolveAll } from './evolve.ts';
import type { Command, Effect, SchedulerEvent, SchedulerState } from './model.ts';
import { initialState, leasesOf } from './state.ts';
import { jobNamed, nodeId, resultOf } from './testFarm.ts';

const iso = '2026-01-01T00:00:00.000Z';
const letters = (value: number): string =>
  [...String(value).padStart(6, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');

/** Runs jobs to their end on nodes that finish everything they are offered, first offered first. */
function runFarm(size: { jobs: number; chunks: number; nodes: number; slots: number }) {
  let state: SchedulerState = initialState;
  let at = 0;
  let commands = 0;
  const journal: SchedulerEvent[] = [];
  const running: Effect[] = [];
  const does = (command: object) => {
    commands += 1;
    const decision = decide(state, { ...command, at, iso } as Command, { houseSlots: 4 });
    if (decision.kind === 'rejected') throw new Error(`${JSON.stringify(command).slice(0, 200)}: ${decision.reason}`);
    state = evolveAll(state, decision.events);
    for (const event of decision.events) journal.push(event);
    for (const effect of decision.effects) if (effect.type !== 'sweep-job') running.push(effect);
  };
  const heartbeats = () => {
    for (const node of state.nodes.values()) {
      const held = [...leasesOf(state, node.nodeId)].map(([taskId, { attempt }]) => ({ taskId, attempt }));
      does({ type: 'heartbeat', nodeId: node.nodeId, held });
    }
    does({ type: 'tick' });
  };
  for (let index = 0; index < size.nodes; index += 1) {
    const name = letters(index);
    const node = { nodeId: nodeId(name), name, slots: size.slots, toolchainClass: 'x64', local: false };
    does({ type: 'join-node', node, held: [] });
  }
  const jobs = Array.from({ length: size.jobs }, (_, index) => jobNamed(letters(index), size.chunks));
  for (const job of jobs) does({ type: 'submit-job', jobId: job.jobId, request: {}, tasks: [job.probe] });
  const planned = new Map(jobs.map((job) => [job.probe.taskId, job]));
  for (let next = 0; next < running.length; next += 1) {
    const effect = running[next];
    if (effect === undefined || !('taskId' in effect)) continue;
    const holder = effect.type === 'offer-task' ? effect.nodeId : 'house';
    const job = planned.get(effect.taskId);
    if (job !== undefined) does({ type: 'plan-job', jobId: job.jobId, plan: {}, tasks: job.planned });
    const outcome = { kind: 'completed', result: resultOf(holder) };
    does({ type: 'finish-task', nodeId: holder, taskId: effect.taskId, attempt: effect.attempt, outcome });
    at += 1;
    if (at % timing.heartbeatIntervalMs === 0) heartbeats();
  }
  return { state, commands, journal };
}

const doneJobs = (state: SchedulerState): number =>
  [...state.jobs.values()].filter((job) => job.phase.kind === 'done').length;

test('a job of 2,000 chunks on 200 nodes needs no walk through all tasks per command', () => {
  const started = performance.now();
  const { state, commands } = runFarm({ jobs: 1, chunks: 2000, nodes: 200, slots: 8 });
  const perCommandMs = (performance.now() - started) / commands;
  expect(doneJobs(state)).toBe(1);
  console.info(`2,000 chunks, 200 nodes: ${commands} commands, ${(perCommandMs * 1000).toFixed(0)} µs each`);
  expect(perCommandMs).toBeLessThan(10);
});

test('300 jobs of 100 tasks run in seconds, and so does the replay of their journal', () => {
  const started = performance.now();
  const { state, commands, journal } = runFarm({ jobs: 300, chunks: 97, nodes: 200, slots: 8 });
  const wallMs = performance.now() - started;
  expect(doneJobs(state)).toBe(300);
  const replayStarted = performance.now();
  expect(doneJobs(evolveAll(initialState, journal))).toBe(300);
  const replayMs = performance.now() - replayStarted;
  console.info(`300 × 100: ${commands} commands in ${wallMs.toFixed(0)} ms; replay ${replayMs.toFixed(0)} ms`);
  expect(wallMs).toBeLessThan(120_000);
}, 180_000);
