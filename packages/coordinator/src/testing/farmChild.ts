import { resolveFfmpeg } from '@reelmill/media';
import { createTestAgent } from './testAgent.ts';
import { openTestFarm, submitPaths } from './testFarm.ts';

/** A coordinator and its agent as one process, made to be killed: `farmChild.ts dataDir clip outputFolder`. */
const [dataDir, clip, outputFolder] = process.argv.slice(2) as [string, string, string];
const tools = await resolveFfmpeg();
const open = await openTestFarm(dataDir, { tools });
await createTestAgent(open, { name: 'victim', slots: 1, tools }).join();
const [jobId] = await submitPaths(open.core, { paths: [clip], outputFolder });
console.log(`submitted ${jobId}`);
open.core.projection.subscribe(() => {
  const job = open.core.projection.snapshot().farm.jobs.find((one) => one.jobId === jobId);
  console.log(`chunks ${job?.chunksDone} ${job?.state}`);
});
