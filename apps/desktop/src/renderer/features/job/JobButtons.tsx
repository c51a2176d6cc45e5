import type { JobView } from '@reelmill/protocol';
import { canRetry, isFinal, orderJob, removeJob, retryJob } from '../../store/jobActions.ts';
import { notify, notifyFailure } from '../../store/notices.ts';
import { IconButton } from '../../ui/Button.tsx';
import { openJobMenu } from './jobMenu.ts';
import { requestCancel } from './lossDialog.ts';

export function revealOutput(job: JobView): void {
  const path = job.outputs[0]?.path;
  if (path) revealPath(path);
}

/** Shows a finished file in the system's file manager; a browser cannot, so it gets the path to paste. */
export function revealPath(path: string): void {
  const host = window.farmHost;
  if (host) {
    host.reveal(path).catch(notifyFailure);
    return;
  }
  navigator.clipboard.writeText(path).then(() => notify('info', 'Path copied', path), notifyFailure);
}

/** Hold or resume, and the menu of everything else about the order. */
function OrderButtons({ job, tabIndex }: { job: JobView; tabIndex: number }) {
  return (
    <>
      <IconButton
        icon={job.held ? 'play' : 'pause'}
        label={`${job.held ? 'Resume' : 'Hold'} ${job.name}`}
        tabIndex={tabIndex}
        onClick={(event) => {
          event.stopPropagation();
          orderJob(job.jobId, { hold: !job.held });
        }}
      />
      <IconButton
        icon="more"
        label={`Priority and place of ${job.name}`}
        aria-haspopup="dialog"
        tabIndex={tabIndex}
        onClick={(event) => {
          event.stopPropagation();
          const { left, bottom } = event.currentTarget.getBoundingClientRect();
          openJobMenu(job.jobId, { x: left, y: bottom });
        }}
      />
    </>
  );
}

/** What can be done with a job in its state, as small buttons of one row. */
export function JobButtons({ job, tabbable }: { job: JobView; tabbable: boolean }) {
  const tabIndex = tabbable ? 0 : -1;
  const act = (action: () => void) => (event: { stopPropagation(): void }) => {
    event.stopPropagation();
    action();
  };
  const revealLabel = window.farmHost ? 'Reveal' : 'Copy path of';
  return (
    <>
      {isFinal(job) ? null : <OrderButtons job={job} tabIndex={tabIndex} />}
      {job.state === 'done' ? (
        <IconButton
          icon={window.farmHost ? 'folder' : 'copy'}
          label={`${revealLabel} output of ${job.name}`}
          tabIndex={tabIndex}
          onClick={act(() => revealOutput(job))}
        />
      ) : null}
      {canRetry(job) ? (
        <IconButton
          icon="retry"
          label={`Retry ${job.name}`}
          tabIndex={tabIndex}
          onClick={act(() => retryJob(job.jobId))}
        />
      ) : null}
      {isFinal(job) ? (
        <IconButton
          icon="remove"
          label={`Remove ${job.name}`}
          tabIndex={tabIndex}
          onClick={act(() => removeJob(job.jobId))}
        />
      ) : (
        <IconButton
          icon="cancel"
          label={`Cancel ${job.name}`}
          tabIndex={tabIndex}
          onClick={act(() => requestCancel(job))}
        />
      )}
    </>
  );
}
