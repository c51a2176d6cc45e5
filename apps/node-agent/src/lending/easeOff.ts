/** What is known of someone's use of the machine, at one moment. Null: this way of looking tells nothing. */
export interface UseReading {
  /** Share of all processors, in percent, that processes which are not ours used since the last reading. */
  readonly othersCpuPercent: number | null;
  /** Milliseconds since a key was pressed or a pointer moved. */
  readonly idleMs: number | null;
}

/** When someone counts as working at the machine. Coming is believed soon, going late: a pause to think is not the end. */
export interface UseRule {
  /** Others use more than this … */
  readonly busyAbovePercent: number;
  /** … for so long: someone came. */
  readonly busyForMs: number;
  /** Others use less than this … */
  readonly quietBelowPercent: number;
  /** … for so long: they are gone. */
  readonly quietForMs: number;
  /** An input this short ago: someone came. */
  readonly activeWithinMs: number;
  /** No input for so long: they are gone. */
  readonly awayAfterMs: number;
}

export const usualRule: UseRule = {
  busyAbovePercent: 25,
  busyForMs: 10_000,
  quietBelowPercent: 15,
  quietForMs: 120_000,
  activeWithinMs: 10_000,
  awayAfterMs: 300_000,
};

/** What has been seen so far. */
export interface UseState {
  readonly inUse: boolean;
  /** Since when, without a break, the readings say the opposite of `inUse`; null: the last one did not. */
  readonly contraryAtMs: number | null;
}

export const notInUse: UseState = { inUse: false, contraryAtMs: null };

/** The state after one more reading, by load. Between the two limits nothing changes. */
export function afterLoad(
  state: UseState,
  { othersCpuPercent }: UseReading,
  at: { ms: number; rule: UseRule },
): UseState {
  const { rule, ms } = at;
  if (othersCpuPercent === null) return state;
  const isContrary = state.inUse ? othersCpuPercent < rule.quietBelowPercent : othersCpuPercent > rule.busyAbovePercent;
  if (!isContrary) return { ...state, contraryAtMs: null };
  const since = state.contraryAtMs ?? ms;
  const needed = state.inUse ? rule.quietForMs : rule.busyForMs;
  return ms - since >= needed ? { inUse: !state.inUse, contraryAtMs: null } : { ...state, contraryAtMs: since };
}

/** The state after one more reading, by input. */
export function afterInput(state: UseState, { idleMs }: UseReading, { rule }: { rule: UseRule }): UseState {
  if (idleMs === null) return state;
  const inUse = state.inUse ? idleMs < rule.awayAfterMs : idleMs <= rule.activeWithinMs;
  return { inUse, contraryAtMs: null };
}
