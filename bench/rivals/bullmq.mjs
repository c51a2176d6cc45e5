// What a queue on Redis needs for the same: jobs that do nothing, added, handed to a worker and ticked off. Prints one
// line of JSON. Arguments: port of the Redis, jobs, how many run at once.
import { Queue, Worker } from 'bullmq';

const [port, jobs, concurrency] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
await queue.waitUntilReady();
const startedAt = performance.now();
let done = 0;
const worker = new Worker('bench', async () => {}, { connection, concurrency });
const finished = new Promise((resolve, reject) => {
  worker.on('completed', () => {
    done += 1;
    if (done === jobs) resolve();
  });
  worker.on('failed', (_job, error) => reject(error));
});
// in parts: one huge message would stall the worker for its length
const part = 100;
for (let first = 0; first < jobs; first += part) {
  await queue.addBulk(Array.from({ length: part }, (_, at) => ({ name: 'chunk', data: { index: first + at } })));
}
await finished;
console.log(JSON.stringify({ seconds: (performance.now() - startedAt) / 1000 }));
await worker.close();
await queue.close();
