// The farm without a window: coordinator, this machine's agent, and the interface for a browser. Node ≥ 18.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const launcher = (app, name) => join(root, 'apps', app, 'bin', `${name}.mjs`);

function start(entry, args) {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
  return { child, ended, lines: createInterface({ input: child.stdout }) };
}

function readyLine(coordinator) {
  return new Promise((resolve, reject) => {
    coordinator.lines.on('line', (text) => {
      const line = text.startsWith('{') ? JSON.parse(text) : {};
      if (line.type === 'ready') resolve(line);
    });
    coordinator.ended.then((code) => reject(new Error(`the coordinator ended with code ${code}`)));
  });
}

async function submit(ready, inputs) {
  const token = readFileSync(join(ready.dataDir, 'owner-token'), 'utf8').trim();
  const response = await fetch(`${ready.apiUrl}/api/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: inputs.map((path) => ({ kind: 'path', path })), preset: 'h264-720p' }),
  });
  const answer = await response.json();
  if (response.ok) {
    for (const job of answer.jobs) process.stdout.write(`${job.jobId} ${job.input} -> ${job.plannedOutput}\n`);
    return;
  }
  const error = answer.error ?? answer;
  process.stderr.write(`error  ${error.code}\ncause  ${error.cause}\nfix    ${error.fix}\n`);
}

function interruption() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
}

/** Runs until interrupted or until the coordinator ends by itself; answers the exit code. */
export async function runBrowserFarm(inputs) {
  const coordinator = start(launcher('cli', 'reelmill'), ['serve', '--json', '--exit-with-parent', ...dataArguments()]);
  let ready;
  try {
    ready = await readyLine(coordinator);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const agent = start(launcher('node-agent', 'reelmill-agent'), [
    ...['--local-data-dir', ready.dataDir, '--name', hostname(), '--json', '--exit-with-parent'],
  ]);
  process.stdout.write(`Reelmill is ready. Open this address in a browser on this machine:\n${ready.url}\n`);
  if (inputs.length > 0) await submit(ready, inputs);
  const code = await Promise.race([interruption().then(() => 0), coordinator.ended]);
  for (const { child } of [agent, coordinator]) {
    child.stdin.end();
    child.kill('SIGTERM');
  }
  await Promise.all([agent.ended, coordinator.ended]);
  return code;
}

const dataArguments = () => (process.env.REELMILL_DATA ? ['--data', process.env.REELMILL_DATA] : []);
