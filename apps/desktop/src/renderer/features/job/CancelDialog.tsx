import { useEffect, useRef } from 'react';
import { cancelJob } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './CancelDialog.module.css';
import { useCancelDialog } from './cancelDialog.ts';

const close = () => useCancelDialog.setState({ job: null });

/** Asked only where minutes of finished work would be lost; the safe answer has the focus. */
export function CancelDialog() {
  const { job, minutes } = useCancelDialog();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (job) dialog.current?.showModal();
  }, [job]);
  if (!job) return null;
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby="cancel-title" onClose={close}>
      <h2 id="cancel-title">Cancel {job.name}?</h2>
      <p>
        {job.chunksDone} finished chunks, about {minutes} min of encoding, will be thrown away.
      </p>
      <div className={styles.buttons}>
        <Button
          onClick={() => {
            cancelJob(job.jobId);
            close();
          }}
        >
          Cancel job
        </Button>
        <Button primary autoFocus onClick={close}>
          Keep rendering
        </Button>
      </div>
    </dialog>
  );
}
