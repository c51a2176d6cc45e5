import { dismissNotice, useNotices } from '../../store/notices.ts';
import { IconButton } from '../../ui/Button.tsx';
import styles from './Notices.module.css';

/** Said by the live region. Lines above the status bar; they never take the focus and never cover the toolbar. */
export function Notices() {
  const notices = useNotices((state) => state.notices);
  return (
    <div className={styles.stack}>
      {notices.map((notice) => (
        <div key={notice.id} className={styles.notice} data-tone={notice.tone}>
          <div className={styles.text}>
            <p>{notice.text}</p>
            {notice.more ? <p className={styles.more}>{notice.more}</p> : null}
          </div>
          <IconButton icon="cancel" label="Dismiss" onClick={() => dismissNotice(notice.id)} />
        </div>
      ))}
    </div>
  );
}
