import type { JobView } from '@reelmill/protocol';
import { useState } from 'react';
import { Button } from '../../../ui/Button.tsx';
import { framesPerSecond, unknown } from '../../../ui/format.ts';
import { type ShownChunk, timeRange, tryNumber } from './chunkTexts.ts';
import { setDetail } from './detailView.ts';
import styles from './JobDetail.module.css';

const page = 200;

function Row({ job, chunk }: { job: JobView; chunk: ShownChunk }) {
  const { index, state, node, fps, percent, rendition } = chunk;
  return (
    <tr>
      <td>
        <Button aria-label={`Open chunk ${index + 1}`} onClick={() => setDetail({ chunk: index, cursor: index })}>
          {index + 1}
        </Button>
      </td>
      {job.presets.length > 1 ? <td>{rendition}</td> : null}
      <td className={styles.mono}>{timeRange(job, chunk)}</td>
      <td>{state === 'encoding' ? `${state} ${Math.floor(percent)} %` : state}</td>
      <td>{tryNumber(chunk) || unknown}</td>
      <td>{node ?? unknown}</td>
      <td>{framesPerSecond(fps)}</td>
    </tr>
  );
}

/** The chunk map in words. */
export function ChunkTable({ job, chunks }: { job: JobView; chunks: readonly ShownChunk[] }) {
  const [shown, setShown] = useState(page);
  return (
    <>
      <table className={styles.table} data-testid="chunk-table">
        <caption className="visually-hidden">Chunks of {job.name}</caption>
        <thead>
          <tr>
            <th scope="col">Chunk</th>
            {job.presets.length > 1 ? <th scope="col">Rendition</th> : null}
            <th scope="col">Time</th>
            <th scope="col">State</th>
            <th scope="col">Try</th>
            <th scope="col">Node</th>
            <th scope="col">fps</th>
          </tr>
        </thead>
        <tbody>
          {chunks.slice(0, shown).map((chunk) => (
            <Row key={chunk.index} job={job} chunk={chunk} />
          ))}
        </tbody>
      </table>
      {chunks.length > shown ? (
        <Button onClick={() => setShown(shown + page)}>{`Show ${Math.min(page, chunks.length - shown)} more`}</Button>
      ) : null}
    </>
  );
}
