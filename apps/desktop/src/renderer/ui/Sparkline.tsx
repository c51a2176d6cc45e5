import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import styles from './Sparkline.module.css';
import { token, useTheme } from './useTheme.ts';

interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly width: number;
  readonly height: number;
  /** Upper end of the scale; 0 follows the data. */
  readonly max: number;
  readonly label: string;
}

function chart(target: HTMLElement, { width, height, max }: Omit<SparklineProps, 'values' | 'label'>): uPlot {
  const options: uPlot.Options = {
    width,
    height,
    padding: [1, 0, 1, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    axes: [{ show: false }, { show: false }],
    scales: { x: { time: false }, y: { range: (_, __, dataMax) => [0, max || Math.max(1, dataMax ?? 1)] } },
    series: [{}, { stroke: token('encoding'), fill: `${token('encoding')}33`, width: 1, points: { show: false } }],
  };
  return new uPlot(options, [[], []], target);
}

/** A line of the last two minutes, one point a second; gaps stay gaps. */
export function Sparkline({ values, width, height, max, label }: SparklineProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens the chart is made with
  useEffect(() => {
    if (!box.current) return;
    const made = chart(box.current, { width, height, max });
    plot.current = made;
    return () => made.destroy();
  }, [width, height, max, theme]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a chart made anew needs its data again
  useEffect(() => {
    plot.current?.setData([values.map((_, index) => index), [...values]]);
  }, [values, width, height, max, theme]);
  return <div ref={box} className={styles.box} style={{ width, height }} role="img" aria-label={label} />;
}
