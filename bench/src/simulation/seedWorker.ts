import { parentPort } from 'node:worker_threads';
import { runSeedTask } from './runSeedTask.ts';
import type { SeedTask } from './seedTasks.ts';

if (parentPort === null) throw new Error('seedWorker runs as a worker thread only');
const port = parentPort;
port.on('message', (task: SeedTask) => port.postMessage(runSeedTask(task)));
