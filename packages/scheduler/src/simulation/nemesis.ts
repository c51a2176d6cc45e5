import type { SimulatedAgent } from './agent.ts';
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
    const kinds = [() => this.killCoordinator(), () => this.pauseCoordinator()];
    const agentKinds = [
      (agent: SimulatedAgent) => this.killAgent(agent),
      (agent: SimulatedAgent) => this.pauseAgent(agent),
      (agent: SimulatedAgent) => this.partition(agent),
      (agent: SimulatedAgent) => this.sayGoodbye(agent),
    ];
    const favourite = random.pick(agentKinds);
    for (let count = random.whole(0, 10); count > 0; count -= 1) {
      const onAgent = random.chance(0.7);
      const strike = random.chance(0.5) ? favourite : random.pick(agentKinds);
      const agent = random.pick(agents);
      const action = onAgent ? () => strike(agent) : random.pick(kinds);
      timeline.after(random.between(500, endMs), () => this.healed || action());
    }
  }

  /** Everything runs and talks from now on. */
  heal(): void {
    this.healed = true;
    const { network, agents, coordinator, houseWork } = this.world;
    Object.assign(network.faults, { drop: 0, duplicate: 0, delay: 0 });
    houseWork.faults = 0;
    for (const agent of agents) {
      network.heal(agent.traits.nodeId);
      agent.bad = false;
      agent.resume();
      agent.start();
    }
    coordinator.resume();
    if (!coordinator.alive) coordinator.start();
  }

  private later(low: number, high: number, action: () => void): void {
    const { random, timeline } = this.world;
    timeline.after(random.between(low, high), () => this.healed || action());
  }

  private killCoordinator(): void {
    const { coordinator } = this.world;
    if (!coordinator.alive) return;
    coordinator.kill();
    this.later(300, 15_000, () => coordinator.alive || coordinator.start());
  }

  private pauseCoordinator(): void {
    const { coordinator, random } = this.world;
    coordinator.pause();
    const [low, high] = random.pick([
      [100, 3000],
      [5000, 12_000],
      [12_000, 60_000],
    ] as const);
    this.later(low, high, () => coordinator.resume());
  }

  private killAgent(agent: SimulatedAgent): void {
    const { random } = this.world;
    if (!agent.alive) return;
    agent.kill();
    // A killed process resets its connections; a machine that lost power does not.
    this.disconnectAfter(agent, random.chance(0.7) ? 5 : random.between(5000, 25_000));
    this.later(500, 30_000, () => agent.start());
  }

  private pauseAgent(agent: SimulatedAgent): void {
    const { random } = this.world;
    const forMs = random.pick([1000, 5000, 15_000, 40_000]);
    agent.pause();
    if (random.chance(0.3)) this.disconnectAfter(agent, random.between(5000, 25_000), () => agent.paused);
    this.later(forMs, forMs, () => agent.resume());
  }

  private partition(agent: SimulatedAgent): void {
    const { network, random } = this.world;
    const { nodeId } = agent.traits;
    network.partition(nodeId);
    this.disconnectAfter(agent, random.between(3000, 20_000), () => network.isCut(nodeId));
    this.later(500, 30_000, () => network.heal(nodeId));
  }

  private sayGoodbye(agent: SimulatedAgent): void {
    if (!agent.alive || agent.paused) return;
    agent.leave();
    this.later(500, 10_000, () => agent.start());
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
