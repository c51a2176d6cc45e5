import type { JobState, NodeState } from '@reelmill/protocol';
import type { ReactNode } from 'react';

/** One distinct shape per state, so that colour is never the only cue. 12 × 12, drawn in the current colour. */
const jobShapes: Record<JobState, ReactNode> = {
  queued: <rect x="2" y="2" width="8" height="8" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  preparing: (
    <>
      <rect x="2" y="2" width="8" height="8" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <rect x="2" y="6" width="8" height="4" fill="currentColor" />
    </>
  ),
  encoding: <path d="M3 1.5 10.5 6 3 10.5z" fill="currentColor" />,
  finishing: <path d="M2 2.5 5.5 6 2 9.5M6.5 2.5 10 6 6.5 9.5" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  done: <path d="M1.5 6.5 4.5 9.5 10.5 2.5" fill="none" stroke="currentColor" strokeWidth="2" />,
  failed: <path d="M2 2 10 10M10 2 2 10" fill="none" stroke="currentColor" strokeWidth="2" />,
  canceled: <path d="M2 6H10" fill="none" stroke="currentColor" strokeWidth="2" />,
};

/** Shown instead of the state of a job that is held. */
export const HeldGlyph = () => (
  <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" style={{ color: heldColor, flex: 'none' }}>
    <path d="M3.5 2V10M8.5 2V10" fill="none" stroke="currentColor" strokeWidth="2" />
  </svg>
);
export const heldColor = 'var(--waiting)';

const nodeShapes: Record<NodeState, ReactNode> = {
  ready: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  rendering: jobShapes.encoding,
  offline: <path d="M2 6 6 2M2 10 10 2M6 10 10 6M2 2H10V10H2z" fill="none" stroke="currentColor" strokeWidth="1.2" />,
  found: <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  refused: jobShapes.failed,
};

const colors: Record<JobState | NodeState, string> = {
  queued: 'var(--waiting)',
  preparing: 'var(--waiting)',
  encoding: 'var(--encoding)',
  finishing: 'var(--uploading)',
  done: 'var(--verified)',
  failed: 'var(--failed)',
  canceled: 'var(--offline)',
  ready: 'var(--verified)',
  rendering: 'var(--encoding)',
  offline: 'var(--offline)',
  found: 'var(--waiting)',
  refused: 'var(--failed)',
};

export const stateColor = (state: JobState | NodeState): string => colors[state];

function Shape({ state, children }: { state: JobState | NodeState; children: ReactNode }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" style={{ color: colors[state], flex: 'none' }}>
      {children}
    </svg>
  );
}

export const JobGlyph = ({ state }: { state: JobState }) => <Shape state={state}>{jobShapes[state]}</Shape>;
export const NodeGlyph = ({ state }: { state: NodeState }) => <Shape state={state}>{nodeShapes[state]}</Shape>;
