import type { Command } from 'commander';
import {
  collectSetting,
  frameRate,
  gapPolicy,
  nameTemplate,
  packageKind,
  pinnedTo,
  positiveSeconds,
  presetList,
  scratchTime,
  segmentSeconds,
  spillRule,
  verifyDepth,
  wholeNumber,
} from './options.ts';
import { deadlineTime, jobPriority, queueName, submitterName } from './orderOptions.ts';
import { type ClientOptions, withServer } from './withServer.ts';

/** Commands that talk to a running coordinator. */
export function addClientCommands(program: Command): void {
  withServer(program.command('submit'))
    .description('add files to the queue of a running coordinator')
    .argument('[inputs...]', 'files or folders; uploaded when the coordinator is another machine')
    .requiredOption('--preset <ids>', 'preset, or several with commas between', presetList)
    .option('--out <dir>', 'folder on the coordinator (default: beside each source)')
    .option('--name <template>', 'name of the outputs (default: {source}_{preset})', nameTemplate)
    .option('--set <key=value>', 'override a setting of the preset, repeatable', collectSetting, {})
    .option('--threads <n>', 'encoder threads per chunk', wholeNumber(1, 64))
    .option('--chunk-seconds <s>', 'target length of a chunk', positiveSeconds)
    .option('--verify <depth>', 'seams or full', verifyDepth, 'seams')
    .option('--fps <rate>', 'frames per second of image sequences (default: 24)', frameRate)
    .option('--gaps <policy>', 'missing numbers of a sequence: fail, hold or skip (default: fail)', gapPolicy)
    .option('--package <kind>', 'also one folder for players that stream: hls, dash or hls-dash', packageKind)
    .option('--segment-seconds <s>', 'length of its segments, 1 to 10 (default: 4)', segmentSeconds)
    .option(
      '--priority <priority>',
      'urgent, high, normal or low (default: that of the queue, else normal)',
      jobPriority,
    )
    .option('--queue <name>', 'named queue of the coordinator', queueName)
    .option('--submitter <name>', 'who submits: slots are shared between submitters (default: owner)', submitterName)
    .option('--deadline <time>', 'when it has to be done, as 2026-11-21T18:00', deadlineTime)
    .option('--hold', 'start nothing of it before `reelmill resume`')
    .option('--on <tag>', 'encode only on nodes with this tag; PRESET=TAG for one of several', pinnedTo)
    .option('--spill <rule>', 'busy: others may help while those are busy; never (default)', spillRule)
    .option(
      '--keep-scratch <time>',
      'its finished chunks stay: verify, or hours (default: as the coordinator is set)',
      scratchTime,
    )
    .option('--upload', 'upload the files even to a coordinator on this machine')
    .action(async (inputs: string[], options) => {
      const { submit } = await import('../client/submit.ts');
      await submit(inputs, options);
    });
  withServer(program.command('ls'))
    .description('list the jobs')
    .action(async (options: ClientOptions) => (await import('../client/lists.ts')).listJobs(options));
  withServer(program.command('stats'))
    .description('the farm in numbers')
    .action(async (options: ClientOptions) => (await import('../client/farmNumbers.ts')).printStats(options));
  withServer(program.command('download'))
    .description('fetch the outputs of a job, verified by their hashes; goes on with what was interrupted')
    .argument('<job>', 'job id')
    .option('--out <dir>', 'folder for them (default: here); nothing in it is overwritten')
    .option('--rendition <id>', 'only this one')
    .action(async (job: string, options) => {
      const { download } = await import('../client/download.ts');
      await download(job, options);
    });
  withServer(program.command('doctor'))
    .description('look at all that a render needs: address, port, mDNS, store, disk, FFmpeg, encoders, nodes')
    .action(async (options: ClientOptions) => {
      const { doctor } = await import('../client/doctor.ts');
      process.exitCode = await doctor(options);
    });
  withServer(program.command('watch'))
    .description('follow jobs until they end (default: all that are not finished)')
    .argument('[jobs...]', 'job ids')
    .option('--exit-status', 'exit 1 when one of them fails')
    .action(async (jobs: string[], options) => {
      const { watch } = await import('../client/watch.ts');
      process.exitCode = await watch(jobs, options);
    });
  withServer(program.command('why'))
    .description('say why a job waits: for each kind of task, what speaks against each node')
    .argument('<job>', 'job id')
    .action(async (job: string, options: ClientOptions) => (await import('../client/why.ts')).why(job, options));
  withServer(program.command('logs'))
    .description('the attempts of a job: what went wrong, and what FFmpeg said')
    .argument('<job>', 'job id')
    .option('--chunk <n>', 'of this chunk, counted from 1', wholeNumber(1, 1_000_000))
    .option('--attempt <n>', 'this attempt of it (default: the last that failed, else the last)', wholeNumber(1, 1_000))
    .option('--command', 'only the command, as it was run')
    .action(async (job: string, options) => (await import('../client/logs.ts')).printLogs(job, options));
  for (const verb of ['cancel', 'retry'] as const) {
    withServer(program.command(verb))
      .description(verb === 'cancel' ? 'cancel jobs' : 'try failed or canceled jobs again; finished chunks are kept')
      .argument('<jobs...>', 'job ids')
      .action(async (jobs: string[], options: ClientOptions) => {
        const { changeJobs } = await import('../client/changeJobs.ts');
        await changeJobs(verb, jobs, options);
      });
  }
}
