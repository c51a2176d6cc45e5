import type { JobView } from '@reelmill/protocol';
import {
  chooseSort,
  type QueueFilter,
  type QueueSort,
  queueFilters,
  queueSorts,
  setView,
  useViewStore,
} from '../../store/viewStore.ts';
import controls from '../../ui/controls.module.css';
import styles from './FilterBar.module.css';
import { matchesFilter } from './queueFilter.ts';

const titles: Record<QueueFilter, string> = {
  all: 'All',
  active: 'Active',
  waiting: 'Waiting',
  held: 'Held',
  failed: 'Failed',
  done: 'Done',
};

const sortTitles: Record<QueueSort, string> = { queue: 'Queue', name: 'Name', added: 'Added', deadline: 'Deadline' };

export function FilterBar({ jobs }: { jobs: readonly JobView[] }) {
  const filter = useViewStore((view) => view.filter);
  const search = useViewStore((view) => view.search);
  const sort = useViewStore((view) => view.sort);
  return (
    <div className={styles.bar}>
      <input
        id="queue-filter"
        type="search"
        className={controls.input}
        placeholder="Filter…"
        aria-label="Filter jobs by name or path"
        value={search}
        onChange={(event) => setView({ search: event.target.value })}
      />
      <fieldset className={styles.group}>
        <legend className="visually-hidden">Show jobs</legend>
        {queueFilters.map((name) => (
          <button
            key={name}
            type="button"
            className={styles.option}
            aria-pressed={name === filter}
            onClick={() => setView({ filter: name })}
          >
            {titles[name]} <span>{jobs.filter((job) => matchesFilter(job, name)).length}</span>
          </button>
        ))}
      </fieldset>
      <label className={styles.sort}>
        Sort
        <select
          className={controls.select}
          value={sort}
          onChange={(event) => chooseSort(event.target.value as QueueSort)}
        >
          {queueSorts.map((name) => (
            <option key={name} value={name}>
              {sortTitles[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
