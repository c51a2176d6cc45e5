import type { JobId } from '@reelmill/protocol';
import type { TestJob } from '../testFarm.ts';
import { rightFilm } from './content.ts';
import type { Broken, Event, EventOf, Step } from './watching.ts';

interface Seen {
  phase: 'active' | 'done' | 'failed' | 'canceled';
  planned: boolean;
  /** Under this plan. */
  publishing: boolean;
  /** Ever: a file that appears late was announced before a retry from scratch. */
  announced: boolean;
}

/** Watches the life of jobs: one start, one plan, one end; nothing appears that was not announced, nor a wrong film. */
export class JobWatch {
  private readonly broken: Broken;
  private jobs = new Map<JobId, Seen>();

  constructor(broken: Broken) {
    this.broken = broken;
  }

  /** Forgets what never reached the disk: all that counts is in the journal. */
  restart(journal: readonly Event[]): void {
    this.jobs = new Map();
    for (const event of journal) this.learn(event);
  }

  heed(event: Event, step: Step): void {
    this.judge(event, step);
    this.learn(event);
  }

  /** P3, P4: a file appears. */
  published(job: TestJob, film: string): void {
    const seen = this.jobs.get(job.jobId);
    if (seen?.phase === 'canceled' && !seen.publishing) this.broken(`${job.jobId} is canceled but published`);
    if (film !== rightFilm(job)) this.broken(`P3: ${job.jobId} publishes ${film}`);
  }

  private judge(event: Event, { command }: Step): void {
    switch (event.type) {
      case 'job-submitted':
        if (this.jobs.has(event.jobId)) this.broken(`P1: ${event.jobId} is submitted twice`);
        break;
      case 'job-planned':
        if (this.jobs.get(event.jobId)?.planned !== false) this.broken(`${event.jobId} is planned twice`);
        break;
      case 'output-noted':
        this.judgeOutput(event);
        break;
      case 'job-done':
      case 'job-failed':
      case 'job-canceled':
        this.judgeEnd(event);
        break;
      case 'job-retried':
        if (this.phaseOf(event.jobId) === 'done') this.broken(`P9: ${event.jobId} was done and is retried`);
        break;
      case 'job-given-up':
        if (this.phaseOf(event.jobId) !== 'failed') this.broken(`${event.jobId} is given up before it failed`);
        break;
      case 'job-removed':
        if (this.phaseOf(event.jobId) === 'active') this.broken(`${event.jobId} is removed while it runs`);
        break;
      case 'coordinator-booted':
        if (command.type !== 'boot') this.broken(`booted on ${command.type}`);
        break;
      default:
        return;
    }
  }

  private judgeOutput({ jobId, output }: EventOf<'output-noted'>): void {
    const seen = this.jobs.get(jobId);
    if (output.state === 'publishing' && seen?.phase !== 'active')
      this.broken(`P9: ${jobId} is ${seen?.phase} and publishes`);
    if (output.state === 'published' && seen?.announced !== true)
      this.broken(`decision 19: ${jobId} published without announcing it`);
  }

  private judgeEnd(event: EventOf<'job-done' | 'job-failed' | 'job-canceled'>): void {
    const phase = this.phaseOf(event.jobId);
    if (phase !== 'active') this.broken(`P9: ${event.jobId} was ${phase} and ends again by ${event.type}`);
    const published = this.jobs.get(event.jobId)?.publishing === true;
    if (event.type === 'job-done' && !published) this.broken(`P9: ${event.jobId} is done but never published`);
  }

  private phaseOf(jobId: JobId): Seen['phase'] | undefined {
    return this.jobs.get(jobId)?.phase;
  }

  private learn(event: Event): void {
    if (event.type === 'job-submitted') {
      this.jobs.set(event.jobId, { phase: 'active', planned: false, publishing: false, announced: false });
      return;
    }
    if (!('jobId' in event)) return;
    const seen = this.jobs.get(event.jobId);
    if (seen === undefined) return;
    if (event.type === 'job-planned') seen.planned = true;
    if (event.type === 'output-noted') Object.assign(seen, { publishing: true, announced: true });
    if (event.type === 'job-done') seen.phase = 'done';
    if (event.type === 'job-failed') seen.phase = 'failed';
    if (event.type === 'job-canceled') seen.phase = 'canceled';
    if (event.type === 'job-removed') this.jobs.delete(event.jobId);
    if (event.type === 'job-retried') this.jobs.set(event.jobId, { ...seen, ...retried(seen, event.replan) });
  }
}

const retried = (seen: Seen, replan: boolean): Seen => ({
  phase: 'active',
  planned: seen.planned && !replan,
  publishing: seen.publishing && !replan,
  announced: seen.announced,
});
