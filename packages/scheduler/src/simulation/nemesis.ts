import type { SimulatedAgent } from './agent.ts';
import { bothDirections, type Direction } from './network.ts';
import type { World } from './world.ts';

/** Breaks things at random times until it heals them all. */
export class Nemesis {
  private readonly world: World;
  private healed = false;

  constructor(world: World) {
    this.world = world;
  }

  start(endMs: number): void {
    const { random, timeline, agents } = this.world;
    const favourite = random.pick(this.onAgents);
    for (let count = random.whole(0, 10); count > 0; count -= 1) {
      const onAgent = random.chance(0.7);
      const strike = random.chance(0.5) ? favourite : random.pick(this.onAgents);
      const agent = random.pick(agents);
      const action = onAgent ? () => strike(agent) : random.pick(this.onOthers);
      timeline.after(random.between(500, endMs), () => this.healed || action());
    }
  }

  /** Everything runs and talks from now on. */
  heal(): void {
    this.healed = true;
    this.world.note(() => 'everything heals');
    const { network, store, agents, coordinator, houseWork, disks } = this.world;
    Object.assign(network.faults, { drop: 0, duplicate: 0, delay: 0 });
    Object.assign(store.faults, { refuses: 0, answersLate: 0, flips: 0, hangs: 0 });
    store.down = false;
    for (const disk of disks) disk.heal();
    Object.assign(houseWork, { faults: 0, cancels: 0 });
    for (const agent of agents) {
      network.heal(agent.traits.nodeId);
      agent.bad = false;
      agent.repaired = true;
      agent.resume();
      agent.start();
      agent.close(null, 'now');
    }
    coordinator.resume();
    if (!coordinator.alive) coordinator.start();
    this.repair();
  }

  /** People repaired the machines and say so: until it is heard, whatever is lost on the way. */
  private repair(): void {
    const { agents, coordinator, timeline } = this.world;
    coordinator.fromInside(() => {
      for (const { traits } of agents) {
        coordinator.does({ type: 'release-node', nodeId: traits.nodeId });
        coordinator.does({ type: 'resume-node', nodeId: traits.nodeId });
      }
    });
    if (timeline.now < 90_000) timeline.after(3000, () => this.repair());
  }

  private readonly onOthers: readonly (() => void)[] = [
    () => this.killCoordinator(),
    () => this.pauseCoordinator(),
    () => this.stopStore(),
    () => this.rotStore(),
  ];

  private readonly onAgents: readonly ((agent: SimulatedAgent) => void)[] = [
    (agent) => this.killAgent(agent),
    (agent) => this.pauseAgent(agent),
    (agent) => this.partition(agent, bothDirections),
    (agent) => this.partition(agent, [this.world.random.pick(bothDirections)]),
    (agent) => this.flap(agent),
    (agent) => this.sayGoodbye(agent),
    (agent) => this.pauseNode(agent),
    (agent) => this.sitDown(agent),
    (agent) => this.setHours(agent),
  ];

  private later(low: number, high: number, action: () => void): void {
    const { random, timeline } = this.world;
    timeline.after(random.between(low, high), () => this.healed || action());
  }

  private killCoordinator(): void {
    const { coordinator } = this.world;
    if (!coordinator.alive) return;
    this.world.note(() => 'the coordinator is killed');
    coordinator.kill();
    this.later(300, 15_000, () => coordinator.alive || coordinator.start());
  }

  private pauseCoordinator(): void {
    const { coordinator, random } = this.world;
    this.world.note(() => 'the coordinator is stopped');
    coordinator.pause();
    const [low, high] = random.pick([
      [100, 3000],
      [5000, 12_000],
      [12_000, 60_000],
    ] as const);
    this.later(low, high, () => coordinator.resume());
  }

  private stopStore(): void {
    const { store } = this.world;
    this.world.note(() => 'the store stops');
    store.down = true;
    this.later(500, 20_000, () => {
      store.down = false;
    });
  }

  private rotStore(): void {
    this.world.note(() => 'an accepted object rots');
    this.world.store.rot();
  }

  private killAgent(agent: SimulatedAgent): void {
    const { random } = this.world;
    if (!agent.alive) return;
    this.world.note(() => `${agent.traits.nodeId} is killed`);
    agent.kill();
    // A killed process resets its connections; a machine that lost power does not.
    this.disconnectAfter(agent, random.chance(0.7) ? 5 : random.between(5000, 25_000));
    this.later(500, 30_000, () => agent.start());
  }

  private pauseAgent(agent: SimulatedAgent): void {
    const { random } = this.world;
    this.world.note(() => `${agent.traits.nodeId} is stopped`);
    const forMs = random.pick([1000, 5000, 15_000, 40_000]);
    agent.pause();
    if (random.chance(0.3)) this.disconnectAfter(agent, random.between(5000, 25_000), () => agent.paused);
    this.later(forMs, forMs, () => agent.resume());
  }

  private partition(agent: SimulatedAgent, directions: readonly Direction[]): void {
    const { network, random } = this.world;
    const { nodeId } = agent.traits;
    this.world.note(() => `${nodeId} is cut off ${directions.join(' and ')}`);
    network.partition(nodeId, directions);
    this.disconnectAfter(agent, random.between(3000, 20_000), () => network.isCut(nodeId));
    this.later(500, 30_000, () => network.heal(nodeId));
  }

  /** Cut off and back, again and again, too short for any timeout or just long enough. */
  private flap(agent: SimulatedAgent): void {
    const { network, random, timeline } = this.world;
    const { nodeId } = agent.traits;
    this.world.note(() => `the line of ${nodeId} flaps`);
    let at = 0;
    for (let count = random.whole(3, 8); count > 0; count -= 1) {
      timeline.after(at, () => this.healed || network.partition(nodeId, [random.pick(bothDirections)]));
      at += random.between(200, 4000);
      timeline.after(at, () => this.healed || network.heal(nodeId));
      at += random.between(200, 3000);
    }
  }

  private sayGoodbye(agent: SimulatedAgent): void {
    if (!agent.alive || agent.paused) return;
    this.world.note(() => `${agent.traits.nodeId} leaves`);
    agent.leave();
    this.later(500, 10_000, () => agent.start());
  }

  /** Its owner pauses it on the farm. */
  private pauseNode(agent: SimulatedAgent): void {
    const { coordinator, random } = this.world;
    const { nodeId } = agent.traits;
    const mode = random.pick(['after-chunk', 'now'] as const);
    this.world.note(() => `${nodeId} is paused (${mode})`);
    coordinator.fromInside(() => coordinator.does({ type: 'pause-node', nodeId, mode, by: 'owner' }));
    this.later(500, 15_000, () => coordinator.fromInside(() => coordinator.does({ type: 'resume-node', nodeId })));
  }

  /** The farm says when it uses the node; sometimes it takes that back. */
  private setHours(agent: SimulatedAgent): void {
    const { coordinator, random } = this.world;
    const { nodeId } = agent.traits;
    const set = (schedule: string | null): void =>
      coordinator.fromInside(() => coordinator.does({ type: 'set-hours', nodeId, schedule, by: 'owner' }));
    const schedule = random.pick(['19:00-07:00', 'sat-sun 00:00-24:00']);
    this.world.note(() => `${nodeId} is used ${schedule}`);
    set(schedule);
    if (random.chance(0.5)) this.later(500, 15_000, () => set(null));
  }

  /** Someone comes to the machine and works at it for a while. */
  private sitDown(agent: SimulatedAgent): void {
    const mode = this.world.random.pick(['after-chunk', 'now'] as const);
    this.world.note(() => `someone sits down at ${agent.traits.nodeId} (${mode})`);
    agent.close({ reason: 'in-use', by: null, since: '2026-01-01T00:00:00.000Z', until: null }, mode);
    this.later(500, 20_000, () => agent.close(null, mode));
  }

  /** The coordinator's ping times out, unless the agent is back before. */
  private disconnectAfter(agent: SimulatedAgent, milliseconds: number, still: () => boolean = () => true): void {
    const { coordinator, timeline } = this.world;
    const connection = coordinator.connectionOf(agent.traits.nodeId);
    timeline.after(milliseconds, () => {
      const same = connection !== undefined && coordinator.connectionOf(agent.traits.nodeId) === connection;
      if (same && still()) coordinator.disconnect(agent.traits.nodeId);
    });
  }
}
