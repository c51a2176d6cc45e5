import type { JobId, JobView } from '@reelmill/protocol';
import { sendCommand } from './link.ts';
import { notifyFailure } from './notices.ts';

const finalStates: readonly JobView['state'][] = ['done', 'failed', 'canceled'];
export const isFinal = (job: Pick<JobView, 'state'>): boolean => finalStates.includes(job.state);
export const canRetry = (job: Pick<JobView, 'state'>): boolean => job.state === 'failed' || job.state === 'canceled';

const send = (type: 'cancel' | 'retry' | 'remove', jobId: JobId): void => {
  sendCommand({ type, jobId }).catch(notifyFailure);
};

export const cancelJob = (jobId: JobId): void => send('cancel', jobId);
export const retryJob = (jobId: JobId): void => send('retry', jobId);
export const removeJob = (jobId: JobId): void => send('remove', jobId);

export function setLan(enabled: boolean): void {
  sendCommand({ type: 'set-lan', enabled }).catch(notifyFailure);
}

export function forgetNode(nodeId: string): void {
  sendCommand({ type: 'forget-node', nodeId: nodeId as never }).catch(notifyFailure);
}
