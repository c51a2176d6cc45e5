import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** USER_HZ, as proc(5) counts: 100 on every Linux that Node supports. */
const millisecondsPerTick = 10;

/** CPU time of a process tree, in milliseconds since some beginning; never falls. Null where the system does not tell. */
export interface TreeMeter {
  read(): Promise<number | null>;
}

function readProc(pid: number, name: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // It ended meanwhile.
    return null;
  }
}

/** Linux: the process and all its descendants that live, outermost first. */
export function pidsOfTree(pid: number): number[] {
  const children = (readProc(pid, `task/${pid}/children`) ?? '').split(' ').filter((text) => text !== '');
  return [pid, ...children.flatMap((child) => pidsOfTree(Number(child)))];
}

/**
 * Linux: own time and that of ended, awaited children (fields 14 to 17 of /proc/PID/stat) over the whole tree, so that
 * an encoder's last milliseconds count as well. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function linuxTreeCpuMs(pid: number): number {
  let ticks = 0;
  for (const one of pidsOfTree(pid)) {
    const stat = readProc(one, 'stat');
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks * millisecondsPerTick;
}

interface PsRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly cpuMs: number;
}

/** Lines of `ps -axo pid=,ppid=,time=` as macOS prints them: `  501     1  12:34.56`, or with hours before. */
export function parsePs(text: string): PsRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, time] = line.trim().split(/\s+/);
    if (pid === undefined || parentPid === undefined || time === undefined) return [];
    const seconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    return Number.isFinite(seconds) ? [{ pid: Number(pid), parentPid: Number(parentPid), cpuMs: seconds * 1000 }] : [];
  });
}

/** What each process of the tree gained since it was last seen is added: ps forgets those that ended. */
export function psMeter(rootPid: number, list: () => Promise<PsRow[]>): TreeMeter {
  let known = new Map<number, number>();
  let totalMs = 0;
  return {
    async read() {
      const rows = await list();
      const inTree = new Set([rootPid]);
      // Parents may come after their children in the list.
      for (let size = 0; size !== inTree.size; ) {
        size = inTree.size;
        for (const { pid, parentPid } of rows) if (inTree.has(parentPid)) inTree.add(pid);
      }
      const ours = rows.filter(({ pid }) => inTree.has(pid));
      for (const { pid, cpuMs } of ours) totalMs += Math.max(0, cpuMs - (known.get(pid) ?? 0));
      known = new Map(ours.map(({ pid, cpuMs }) => [pid, cpuMs]));
      return totalMs;
    },
  };
}

async function askPs(): Promise<PsRow[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,time=']);
  return parsePs(stdout);
}

/** Meters the tree of a process, its ended children included. Windows: null, nothing is told. */
export function createTreeMeter(rootPid: number, platform: NodeJS.Platform = process.platform): TreeMeter | null {
  if (platform === 'linux') return { read: async () => linuxTreeCpuMs(rootPid) };
  return platform === 'win32' ? null : psMeter(rootPid, askPs);
}
