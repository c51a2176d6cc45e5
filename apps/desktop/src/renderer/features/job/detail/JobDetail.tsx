import type { JobView } from '@reelmill/protocol';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useJobHistory, watchJob } from '../../../store/jobHistory.ts';
import { ChunkMapPanel } from './ChunkMapPanel.tsx';
import { CommandTab } from './CommandTab.tsx';
import { DetailHeader } from './DetailHeader.tsx';
import { type DetailTab, detailTabs, resetDetail, setDetail, useDetailView } from './detailView.ts';
import styles from './JobDetail.module.css';
import { LogTab } from './LogTab.tsx';
import { leaveDetail } from './leaveDetail.ts';
import { QualityTab } from './QualityTab.tsx';
import { StageDag } from './StageDag.tsx';
import { Timeline } from './Timeline.tsx';

const titles: Record<DetailTab, string> = { map: 'Map', log: 'Log', command: 'Command', quality: 'Quality' };

function Tabs({ tab }: { tab: DetailTab }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = detailTabs[(detailTabs.indexOf(tab) + by + detailTabs.length) % detailTabs.length];
    if (next === undefined) return;
    event.preventDefault();
    setDetail({ tab: next });
    document.getElementById(`detail-tab-${next}`)?.focus();
  };
  return (
    <div role="tablist" aria-label="Job" className={styles.tabs} onKeyDown={onKeyDown}>
      {detailTabs.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`detail-tab-${name}`}
          className={styles.tab}
          aria-selected={name === tab}
          aria-controls="detail-panel"
          tabIndex={name === tab ? 0 : -1}
          onClick={() => setDetail({ tab: name })}
        >
          {titles[name]}
        </button>
      ))}
    </div>
  );
}

function Panel({ job, tab }: { job: JobView; tab: DetailTab }) {
  switch (tab) {
    case 'map':
      return (
        <>
          <ChunkMapPanel job={job} />
          <Timeline job={job} />
        </>
      );
    case 'log':
      return <LogTab job={job} />;
    case 'command':
      return <CommandTab job={job} />;
    case 'quality':
      return <QualityTab job={job} />;
  }
}

/** Everything about one job: what it did, does and will do. */
export function JobDetail({ job }: { job: JobView }) {
  const tab = useDetailView((view) => view.tab);
  const stages = useJobHistory((state) => state.history?.stages ?? null);
  const screen = useRef<HTMLElement>(null);
  useEffect(() => {
    watchJob(job.jobId);
    screen.current?.focus();
    return () => {
      watchJob(null);
      resetDetail();
    };
  }, [job.jobId]);
  return (
    <section
      ref={screen}
      tabIndex={-1}
      className={styles.screen}
      aria-label={`Job ${job.name}`}
      data-testid="job-detail"
    >
      <DetailHeader job={job} onBack={leaveDetail} />
      <StageDag stages={stages} />
      <Tabs tab={tab} />
      <div id="detail-panel" role="tabpanel" aria-labelledby={`detail-tab-${tab}`} className={styles.panel}>
        <Panel job={job} tab={tab} />
      </div>
    </section>
  );
}
