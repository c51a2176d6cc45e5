import { bytes } from '../../ui/format.ts';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import styles from './UploadRows.module.css';
import { useUploads } from './uploads.ts';

/** Files on their way from this browser, above the queue they will join. */
export function UploadRows() {
  const uploads = useUploads((state) => state.uploads);
  if (uploads.length === 0) return null;
  return (
    <ul className={styles.uploads} aria-label="Uploads">
      {uploads.map((upload) => (
        <li key={upload.id}>
          <span className={styles.name}>Uploading {upload.name}</span>
          <ProgressBar part={upload.bytesTotal > 0 ? upload.bytesDone / upload.bytesTotal : 0} label={upload.name} />
          <span className={styles.amount}>
            {bytes(upload.bytesDone)} of {bytes(upload.bytesTotal)}
          </span>
        </li>
      ))}
    </ul>
  );
}
