import { useEffect, useState } from 'react';

/** Renders again once a second while `on`: for times that run. */
export function useTick(on: boolean): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => setTick((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [on]);
  return tick;
}
