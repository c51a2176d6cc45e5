import { useSyncExternalStore } from 'react';
import { useFarmStore } from './farmStore.ts';

/** Seconds of the sparklines. */
export const historyLength = 120;

const series = new Map<string, (number | null)[]>();
const listeners = new Set<() => void>();
let tick = 0;

/** Key of the whole farm's series; others are node ids. */
export const farmSeries = { cpu: 'farm/cpu', fps: 'farm/fps' } as const;

function push(key: string, value: number | null): void {
  const values = series.get(key) ?? new Array<number | null>(historyLength).fill(null);
  series.set(key, [...values.slice(1), value]);
}

function sample(): void {
  const { replica, link } = useFarmStore.getState();
  if (!replica) return;
  const live = link.kind === 'live';
  const { stats, nodes } = replica.farm;
  push(farmSeries.cpu, live ? stats.cpuPercent : null);
  push(farmSeries.fps, live ? stats.fps : null);
  for (const node of nodes) push(node.nodeId, live && node.state !== 'offline' ? node.cpuPercent : null);
  tick += 1;
  for (const listener of listeners) listener();
}

/** Takes one sample a second for as long as the page lives. */
export function startHistory(): void {
  setInterval(sample, 1000);
}

const empty: readonly (number | null)[] = new Array<number | null>(historyLength).fill(null);

export function useSeries(key: string): readonly (number | null)[] {
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => tick,
  );
  return series.get(key) ?? empty;
}
