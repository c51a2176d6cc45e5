import type { FarmView, JobView, NodeView } from '@reelmill/protocol';
import { chunkStrip } from './chunkStrip.ts';
import { describeRate, describeState, shortName } from './describeJob.ts';

/** Shows a farm at work to a person. */
export interface ProgressBoard {
  update(farm: FarmView): void;
  /** Leaves the last state on the screen. */
  end(): void;
}

const isRunning = (job: JobView): boolean => !['done', 'failed', 'canceled'].includes(job.state);

const nodeLine = (node: NodeView): string => {
  const cpu = node.cpuPercent === null ? '—' : `${Math.round(node.cpuPercent)}%`;
  const work = node.work.map((item) => `${item.label} ${Math.floor(item.percent)}%`).join('  ');
  return `  ${node.name.padEnd(16)} CPU ${cpu.padStart(4)}  ${node.busySlots}/${node.slots}  ${work}`;
};

function boardLines(farm: FarmView, columns: number): string[] {
  const running = farm.jobs.filter(isRunning);
  const lines: string[] = [];
  for (const job of running.slice(0, 8)) {
    const strip = job.chunks.length > 0 ? chunkStrip(job.chunks, Math.max(10, columns - 62)) : '';
    lines.push(`${shortName(job.name, 24).padEnd(24)} ${describeState(job).padEnd(9)} ${strip}  ${describeRate(job)}`);
    if (job.waiting !== null) lines.push(`  waiting: ${job.waiting.text}`);
  }
  if (running.length > 8) lines.push(`  … and ${running.length - 8} more`);
  for (const node of farm.nodes.slice(0, 8)) lines.push(nodeLine(node));
  const done = farm.jobs.filter((job) => job.state === 'done').length;
  const { chunksVerified, chunksTotal, fps, speed } = farm.stats;
  const total = `total  jobs ${done}/${farm.jobs.length}  chunks ${chunksVerified}/${chunksTotal}  ${Math.round(fps)} fps ${speed.toFixed(1)}x`;
  return [...lines, total].map((line) => line.slice(0, columns - 1));
}

/** Redraws in place on a terminal, at most four times a second. */
export function terminalBoard(stream: NodeJS.WriteStream): ProgressBoard {
  let drawn = 0;
  let drawnAt = 0;
  let latest: FarmView | undefined;
  const draw = (): void => {
    if (latest === undefined) return;
    const lines = boardLines(latest, stream.columns ?? 100);
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    stream.write(`${up}${lines.map((line) => `\u001b[2K${line}\n`).join('')}\u001b[0J`);
    drawn = lines.length;
    drawnAt = performance.now();
  };
  return {
    update(farm) {
      latest = farm;
      if (performance.now() - drawnAt >= 250) draw();
    },
    end: draw,
  };
}

/** One line each 10 % and at each change of state, for logs and pipes. */
export function plainBoard(write: (line: string) => void): ProgressBoard {
  const shown = new Map<string, string>();
  return {
    update(farm) {
      for (const job of farm.jobs) {
        const step = `${describeState(job)} ${Math.floor(job.percent / 10)} ${job.waiting?.code ?? ''}`;
        if (shown.get(job.jobId) === step) continue;
        shown.set(job.jobId, step);
        const chunks = job.chunksTotal > 0 ? `  ${job.chunksDone}/${job.chunksTotal} chunks` : '';
        const waiting = job.waiting === null ? '' : `  waiting: ${job.waiting.text}`;
        write(`${job.name}  ${describeState(job)}  ${describeRate(job)}${chunks}${waiting}\n`);
      }
    },
    end() {},
  };
}

/** Terminal → live board; pipe → plain lines; both on stderr so that stdout stays data. */
export const boardFor = (stream: NodeJS.WriteStream): ProgressBoard =>
  stream.isTTY && process.env.TERM !== 'dumb' ? terminalBoard(stream) : plainBoard((line) => stream.write(line));
