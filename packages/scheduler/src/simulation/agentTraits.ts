import type { KindCaps, NodeId } from '@reelmill/protocol';
import type { Flaw } from './content.ts';
import type { AgentMessage, Sender } from './messages.ts';

/** How one simulated agent is, for its whole life. */
export interface AgentTraits {
  readonly nodeId: NodeId;
  readonly slots: number;
  /** Offers it lets wait beyond its slots. */
  readonly waitingOffers: number;
  /** At most so many of a kind at once. */
  readonly kindCaps: KindCaps;
  /** 8 for a slow machine. */
  readonly slowness: number;
  /** Milliseconds its own clock is off; nothing may depend on it. */
  readonly clockSkewMs: number;
  /** How often an attempt ends by its own fault. */
  readonly ownFaults: number;
  /** What is wrong with the results it claims to be good, and how often. */
  readonly flaw: Flaw;
  readonly flaws: number;
  /** How often it names another hash than that of what it uploaded. */
  readonly falseHashes: number;
}

/** Where an agent's messages go. */
export interface CoordinatorDoor {
  readonly alive: boolean;
  receive(message: AgentMessage, sender: Sender): void;
}
