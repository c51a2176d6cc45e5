import { FarmError, type JobPosition, JobPriority } from '@reelmill/protocol';
import type { Command } from 'commander';
import { deadlineTime, jobPriority, queueName } from './orderOptions.ts';
import { type ClientOptions, withServer } from './withServer.ts';

const orNone =
  <T>(parse: (value: string) => T) =>
  (value: string): T | null =>
    value === 'none' ? null : parse(value);

interface MoveOptions extends ClientOptions {
  readonly top?: boolean;
  readonly bottom?: boolean;
  readonly before?: string;
  readonly after?: string;
}

function positionOf({ top, bottom, before, after }: MoveOptions): JobPosition {
  const asked = [
    ...(top ? ['top'] : []),
    ...(bottom ? ['bottom'] : []),
    ...(before === undefined ? [] : [{ before }]),
    ...(after === undefined ? [] : [{ after }]),
  ] as JobPosition[];
  const [position] = asked;
  if (position !== undefined && asked.length === 1) return position;
  throw new FarmError('USAGE', { message: 'Name one place: --top, --bottom, --before JOB or --after JOB.' });
}

const client = () => import('../client/changeJobs.ts');

/** Commands that change the order between jobs. */
export function addOrderCommands(program: Command): void {
  addHoldCommands(program);
  addPlaceCommands(program);
}

function addHoldCommands(program: Command): void {
  withServer(program.command('hold'))
    .description('give jobs nothing new; what runs of them goes on to its end')
    .argument('<jobs...>', 'job ids')
    .action(async (jobIds: string[], options: ClientOptions) =>
      (await client()).orderJobs('hold', { jobIds, change: { hold: true } }, options),
    );
  withServer(program.command('pause'))
    .description('start nothing new on the whole farm; what runs goes on to its end')
    .option('--after <job>', 'from the end of this job on; jobs behind it get nothing new')
    .action(async (options) => (await client()).switchFarm('pause', options));
  withServer(program.command('resume'))
    .description('let held jobs go on; without a job: the paused farm')
    .argument('[jobs...]', 'job ids')
    .action(async (jobIds: string[], options: ClientOptions) => {
      const { orderJobs, switchFarm } = await client();
      if (jobIds.length === 0) await switchFarm('resume', options);
      else await orderJobs('resume', { jobIds, change: { hold: false } }, options);
    });
}

function addPlaceCommands(program: Command): void {
  withServer(program.command('priority'))
    .description('change the priority of jobs')
    .argument('<priority>', `${JobPriority.options.join(', ')}`, jobPriority)
    .argument('<jobs...>', 'job ids')
    .action(async (priority: JobPriority, jobIds: string[], options: ClientOptions) =>
      (await client()).orderJobs('priority', { jobIds, change: { priority } }, options),
    );
  withServer(program.command('move'))
    .description('move a job among the jobs of its priority')
    .argument('<job>', 'job id')
    .option('--top', 'before all')
    .option('--bottom', 'after all')
    .option('--before <job>', 'just before that job')
    .option('--after <job>', 'just after that job')
    .action(async (jobId: string, options: MoveOptions) => {
      const change = { position: positionOf(options) };
      await (await client()).orderJobs('move', { jobIds: [jobId], change }, options);
    });
  withServer(program.command('deadline'))
    .description('set when jobs have to be done; `ls` and the window show which are at risk')
    .argument('<time>', 'as 2026-11-21T18:00, or none', orNone(deadlineTime))
    .argument('<jobs...>', 'job ids')
    .action(async (deadline: string | null, jobIds: string[], options: ClientOptions) =>
      (await client()).orderJobs('deadline', { jobIds, change: { deadline } }, options),
    );
  withServer(program.command('queue'))
    .description('put jobs into a named queue')
    .argument('<queue>', 'its name, or none', orNone(queueName))
    .argument('<jobs...>', 'job ids')
    .action(async (queue: string | null, jobIds: string[], options: ClientOptions) =>
      (await client()).orderJobs('queue', { jobIds, change: { queue } }, options),
    );
}
