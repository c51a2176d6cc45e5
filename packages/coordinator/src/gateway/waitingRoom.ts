/** The part of an Engine.IO connection that is needed here. */
export interface RawConnection {
  readonly remoteAddress: string;
  on(event: 'close', listener: () => void): unknown;
  close(discard?: boolean): unknown;
}

export interface WaitingRoomLimits {
  readonly atMost: number;
  readonly forMs: number;
}

/** Connections that did not prove anything yet: few, and not for long. */
export class WaitingRoom {
  readonly #limits: WaitingRoomLimits;
  readonly #waiting = new Map<RawConnection, NodeJS.Timeout>();

  constructor(limits: WaitingRoomLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    return this.#waiting.size >= this.#limits.atMost;
  }

  enter(connection: RawConnection): void {
    const timer = setTimeout(() => connection.close(true), this.#limits.forMs);
    timer.unref();
    this.#waiting.set(connection, timer);
    connection.on('close', () => this.admit(connection));
  }

  /** It proved who it is (or is gone): no longer timed, no longer counted. */
  admit(connection: RawConnection): void {
    clearTimeout(this.#waiting.get(connection));
    this.#waiting.delete(connection);
  }
}
