import { expect, test } from 'vitest';
import type { DurableEvent } from './event.ts';
import { evolveAll } from './evolve.ts';
import golden from './golden/journal-v1.json' with { type: 'json' };
import desk from './golden/journal-v1-desk.json' with { type: 'json' };
import hours from './golden/journal-v1-hours.json' with { type: 'json' };
import lending from './golden/journal-v1-lending.json' with { type: 'json' };
import order from './golden/journal-v1-order.json' with { type: 'json' };
import pace from './golden/journal-v1-pace.json' with { type: 'json' };
import space from './golden/journal-v1-space.json' with { type: 'json' };
import trust from './golden/journal-v1-trust.json' with { type: 'json' };
import { checkInvariants } from './invariants.ts';
import { isDurable } from './isDurable.ts';
import { durableView } from './simulation/durableView.ts';
import { initialState } from './state.ts';
import { TestFarm } from './testFarm.ts';

const journals = {
  'of version 1': golden,
  'with quarantine and retries elsewhere': trust,
  'with an order between jobs': order,
  'with batches, copies and forecasts': pace,
  'with machines lent and taken back': lending,
  'with room on disks': space,
  'with hours set at the farm': hours,
  'with jobs discarded, restored and changed': desk,
};
const eventsOf = (journal: { readonly events: readonly unknown[] }) => journal.events as DurableEvent[];

test.each(Object.entries(journals))('a journal %s replays to the state it led to', (_, journal) => {
  const state = evolveAll(initialState, eventsOf(journal));
  expect(JSON.parse(durableView(state))).toMatchObject(journal.state);
  expect(checkInvariants(state)).toEqual([]);
});

test('the golden journals hold every kind of durable event', () => {
  const kinds: Record<DurableEvent['type'], true> = {
    'coordinator-booted': true,
    'job-submitted': true,
    'job-planned': true,
    'lease-granted': true,
    'lease-lost': true,
    'task-completed': true,
    'task-soft-failed': true,
    'task-failed': true,
    'task-reopened': true,
    'output-noted': true,
    'forecast-noted': true,
    'scratch-removed': true,
    'job-done': true,
    'job-failed': true,
    'job-canceled': true,
    'job-retried': true,
    'job-removed': true,
    'job-discarded': true,
    'job-restored': true,
    'job-request-changed': true,
    'job-given-up': true,
    'node-quarantined': true,
    'node-released': true,
    'node-paused': true,
    'node-resumed': true,
    'node-hours-set': true,
    'job-ordered': true,
    'farm-paused': true,
    'farm-resumed': true,
  };
  const events = Object.values(journals).flatMap(eventsOf);
  expect(new Set(events.map((event) => event.type))).toEqual(new Set(Object.keys(kinds)));
  expect(events.every(isDurable)).toBe(true);
  const grants = events.filter((event) => event.type === 'lease-granted');
  expect([grants.some(({ waiting }) => waiting), grants.some(({ backup }) => backup)]).toEqual([true, true]);
});

test.each(Object.entries(journals))(
  'a coordinator goes on from every place where a journal %s may end',
  (_, journal) => {
    const events = eventsOf(journal);
    for (let length = 0; length <= events.length; length += 1) {
      const farm = new TestFarm();
      farm.state = evolveAll(initialState, events.slice(0, length));
      farm.at = 77;
      farm.does({ type: 'boot' });
      farm.joins('one', { slots: 4 });
      farm.passes(11_000);
      expect(checkInvariants(farm.state)).toEqual([]);
    }
  },
);
