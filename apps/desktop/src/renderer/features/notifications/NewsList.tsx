import { IconButton } from '../../ui/Button.tsx';
import { timeOfDay } from '../../ui/format.ts';
import { openLink } from '../links/openLinks.ts';
import styles from './News.module.css';
import { type KeptNews, showNews, useNews } from './newsStore.ts';

function Row({ news }: { news: KeptNews }) {
  const { jobId } = news;
  const text = (
    <>
      <time>{timeOfDay(news.at)}</time>
      <span>{news.text}</span>
    </>
  );
  if (jobId === null) return <p className={styles.row}>{text}</p>;
  return (
    <button
      type="button"
      className={styles.row}
      data-kind={news.kind}
      onClick={() => openLink({ kind: 'job', id: jobId })}
    >
      {text}
    </button>
  );
}

/** What was told since this window opened: nothing is lost that a notification said. */
export function NewsList() {
  const { kept, isOpen } = useNews();
  if (!isOpen) return null;
  return (
    <aside className={styles.list} aria-label="News">
      <div className={styles.head}>
        <h2>News</h2>
        <IconButton icon="cancel" label="Close news" onClick={() => showNews(false)} />
      </div>
      {kept.length === 0 ? <p className={styles.none}>Nothing ended since this window opened.</p> : null}
      <ul>
        {kept.map((news) => (
          <li key={news.id}>
            <Row news={news} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

/** In the status bar: how much is new, and the way to it. */
export function NewsButton() {
  const { unread, isOpen } = useNews();
  return (
    <button type="button" className={styles.button} aria-expanded={isOpen} onClick={() => showNews(!isOpen)}>
      News{unread > 0 ? ` ${unread}` : ''}
    </button>
  );
}
