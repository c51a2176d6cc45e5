import { spawn } from 'node:child_process';
import type { ChildRegister } from '../sweep.ts';

/**
 * Run by the guard: reads process ids, forgets those that ended, kills the rest when the pipe from the agent closes,
 * which the system does however the agent ends. Text, because a bundled agent has no second file to start.
 */
const guardProgram = `
const children = new Set();
const signal = (pid, name) => {
  try { process.kill(process.platform === 'win32' ? pid : -pid, name); return true; } catch { return false; }
};
setInterval(() => { for (const pid of children) if (!signal(pid, 0)) children.delete(pid); }, 1000);
let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  for (const line of lines) children.add(Number(line));
});
process.stdin.on('end', () => { for (const pid of children) signal(pid, 'SIGKILL'); process.exit(0); });
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
`;

/** For systems without a parent-death signal (decision 18): a small process that ends the encoders of a dead agent. */
export function startGuard(): ChildRegister {
  const guard = spawn(process.execPath, ['-e', guardProgram], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  guard.unref();
  return { add: (pid) => void guard.stdin.write(`${pid}\n`) };
}
