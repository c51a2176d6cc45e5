import type { JobQuality, JobView, OutputQuality } from '@reelmill/protocol';
import { type ReactNode, useEffect, useState } from 'react';
import { readQuality } from '../../../store/jobHistory.ts';
import { Button } from '../../../ui/Button.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { counted, dayAndTime, unknown, wholeNumber } from '../../../ui/format.ts';
import { copyText } from './copyText.ts';
import styles from './JobDetail.module.css';

type Proof = NonNullable<OutputQuality['proof']>;

const milliseconds = (seconds: number | null): string =>
  seconds === null ? unknown : `${(seconds * 1000).toFixed(3)} ms`;

const depths: Record<Proof['depth'], string> = {
  seams: 'every seam, packets of the whole',
  full: 'every seam, the whole output decoded',
};

function proofRows(proof: Proof): [string, ReactNode][] {
  const frames = wholeNumber(proof.frames);
  return [
    [
      'Frames',
      proof.frames === proof.sourceFrames
        ? `${frames}, as many as the source`
        : `${frames} of ${wholeNumber(proof.sourceFrames)} source frames`,
    ],
    ['Chunks', `${wholeNumber(proof.chunks)} from ${proof.nodes.join(', ')}`],
    [
      'Seams',
      proof.seams === 0
        ? 'none: one piece'
        : `${wholeNumber(proof.seams)} proven: the frames on both sides of each are the source’s, in order`,
    ],
    ['Checked', depths[proof.depth]],
    ['Times', `off by at most ${milliseconds(proof.maxPtsErrorSeconds)}`],
    [
      'Sound',
      proof.soundTracks === 0
        ? 'none'
        : `${counted(proof.soundTracks, 'track')}, off the picture by ${milliseconds(proof.audioOffsetErrorSeconds)}`,
    ],
    [
      'SHA-256',
      <code key="sha" className={styles.mono}>
        {proof.sha256}
      </code>,
    ],
    ['Signed', `${dayAndTime(proof.createdAt)}, Ed25519`],
    [
      'Certificate',
      <span key="path" className={styles.mono}>
        {proof.path}
      </span>,
    ],
  ];
}

function Output({ output }: { output: OutputQuality }) {
  const { proof, error, path, rendition } = output;
  const command = `npx reelmill verify '${path}' --deep`;
  return (
    <section aria-label={`Quality of ${rendition}`} data-testid="quality">
      <div className={styles.heading}>
        <h2>{rendition}</h2>
      </div>
      {proof ? <Facts rows={proofRows(proof)} /> : null}
      {error ? (
        <p className={styles.note}>
          {error.cause} {error.fix} <code className={styles.mono}>{error.code}</code>
        </p>
      ) : null}
      <div className={styles.heading}>
        <p className={styles.note}>
          SSIM: not measured. The command compares every frame with the source, mean and worst 5 %.
        </p>
        <div className={styles.tools}>
          <Button icon="copy" onClick={() => copyText('Command', command)}>
            Copy SSIM command
          </Button>
        </div>
      </div>
    </section>
  );
}

function useQuality(job: JobView): JobQuality | string | null {
  const [quality, setQuality] = useState<JobQuality | string | null>(null);
  const { jobId, state } = job;
  // biome-ignore lint/correctness/useExhaustiveDependencies: certificates appear as the job goes on
  useEffect(() => {
    let left = false;
    readQuality(jobId).then(
      (answer) => left || setQuality(answer),
      (cause: unknown) => left || setQuality(cause instanceof Error ? cause.message : String(cause)),
    );
    return () => {
      left = true;
    };
  }, [jobId, state]);
  return quality;
}

/** What the certificate of each output proves, and what nobody has measured. */
export function QualityTab({ job }: { job: JobView }) {
  const quality = useQuality(job);
  return (
    <section className={styles.part} aria-label="Quality" data-testid="quality-tab">
      {quality === null ? <p className={styles.note}>Reading the certificates…</p> : null}
      {typeof quality === 'string' ? <p className={styles.note}>{quality}</p> : null}
      {quality !== null && typeof quality !== 'string' && quality.outputs.length === 0 ? (
        <p className={styles.note}>
          Nothing is published yet. Each seam is proven as its chunks arrive; the certificate says so once the output is
          published. SSIM is not measured.
        </p>
      ) : null}
      {quality !== null && typeof quality !== 'string'
        ? quality.outputs.map((output) => <Output key={output.path} output={output} />)
        : null}
    </section>
  );
}
