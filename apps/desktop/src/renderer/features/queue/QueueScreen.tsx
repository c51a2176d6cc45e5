import type { JobView } from '@reelmill/protocol';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { resumeFarm } from '../../store/jobActions.ts';
import { selectionOf } from '../../store/selection.ts';
import { useViewStore } from '../../store/viewStore.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { GridBody, GridCell, GridHeading, GridRow } from '../../ui/grid.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { chooseFiles } from '../intake/chooseFiles.ts';
import { IntakeMessageRow } from '../intake/IntakeMessageRow.tsx';
import { UploadRows } from '../intake/UploadRows.tsx';
import { FilterBar } from './FilterBar.tsx';
import { PauseBanner } from './PauseBanner.tsx';
import styles from './Queue.module.css';
import { QueueRow } from './QueueRow.tsx';
import { visibleJobs } from './queueFilter.ts';
import { handleQueueKey } from './queueKeys.ts';

const rowHeight = 40;
const columns = ['State', 'Job / output', 'Preset', 'Chunks', '%', 'fps', 'Speed', 'Left', 'Actions'] as const;

function HeaderRow() {
  return (
    <GridRow className={styles.header} aria-rowindex={1}>
      {columns.map((title) => (
        <GridHeading key={title} data-column={title}>
          {title === 'Actions' ? <span className="visually-hidden">Actions</span> : title}
        </GridHeading>
      ))}
    </GridRow>
  );
}

const markerHeight = 24;

/** Between the last job the farm still renders and those that wait behind it. */
function StopMarker({ top }: { top: number }) {
  return (
    <GridRow
      className={styles.marker}
      data-testid="stop-marker"
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => event.stopPropagation()}
    >
      <GridCell className={styles.markerCell}>
        <span>stop after this job</span>
        <IconButton icon="cancel" label="Take the stop marker away" onClick={resumeFarm} />
      </GridCell>
    </GridRow>
  );
}

function JobGrid({ jobs }: { jobs: readonly JobView[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const selectedJob = useViewStore((view) => view.selectedJob);
  const selection = useViewStore((view) => view.selection);
  const selected = new Set(selectionOf({ selectedJob, selection }));
  const selectedIndex = jobs.findIndex((job) => job.jobId === selectedJob);
  const marker = useFarm((farm) => farm.stats.stopAfter, null);
  const markerIndex = jobs.findIndex((job) => job.jobId === marker);
  const virtualizer = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (index === markerIndex ? rowHeight + markerHeight : rowHeight),
    overscan: 8,
  });
  useEffect(() => {
    if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex);
  }, [selectedIndex, virtualizer]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marker changes the height of a row
  useEffect(() => virtualizer.measure(), [markerIndex, virtualizer]);
  const rows = virtualizer.getVirtualItems();
  const activeShown = rows.some((row) => row.index === selectedIndex);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtualised list of freely positioned rows
    <div
      role="grid"
      className={styles.grid}
      aria-label="Jobs"
      aria-rowcount={jobs.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={activeShown ? `row-${jobs[selectedIndex]?.jobId}` : undefined}
      aria-multiselectable="true"
      tabIndex={0}
      onKeyDown={(event) => handleQueueKey(event, jobs, selectedIndex)}
    >
      <GridBody>
        <HeaderRow />
      </GridBody>
      <GridBody ref={scroller} className={styles.scroller}>
        <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {rows.map((row) => {
            const job = jobs[row.index];
            return job ? (
              <QueueRow
                key={job.jobId}
                job={job}
                index={row.index}
                top={row.start}
                selected={selected.has(job.jobId)}
                lead={job.jobId === selectedJob}
              />
            ) : null;
          })}
          {rows.map((row) =>
            row.index === markerIndex ? <StopMarker key="stop" top={row.start + rowHeight} /> : null,
          )}
        </div>
      </GridBody>
    </div>
  );
}

export function QueueScreen() {
  const known = useFarmStore((state) => state.replica !== null);
  const jobs = useFarm<readonly JobView[]>((farm) => farm.jobs, []);
  const filter = useViewStore((view) => view.filter);
  const search = useViewStore((view) => view.search);
  const sort = useViewStore((view) => view.sort);
  const compact = useViewStore((view) => view.inspectorOpen && view.selectedJob !== null);
  if (!known) return <Skeleton />;
  const shown = visibleJobs(jobs, { filter, search, sort });
  return (
    <section className={styles.screen} aria-label="Queue" data-compact={compact || undefined}>
      <FilterBar jobs={jobs} />
      <PauseBanner />
      <IntakeMessageRow />
      <UploadRows />
      {shown.length > 0 ? <JobGrid jobs={shown} /> : <NothingShown empty={jobs.length === 0} />}
    </section>
  );
}

function NothingShown({ empty }: { empty: boolean }) {
  if (!empty) return <EmptyState>No job matches this filter.</EmptyState>;
  return (
    <EmptyState
      action={
        <Button icon="add" primary onClick={() => void chooseFiles()}>
          Add files
        </Button>
      }
    >
      Drop clips or folders anywhere in this window to render them.
    </EmptyState>
  );
}
