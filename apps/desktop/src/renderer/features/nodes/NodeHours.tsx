import { type NodeView, parseSchedule, ScheduleError } from '@reelmill/protocol';
import { type FormEvent, useId, useState } from 'react';
import { scheduleNode } from '../../store/jobActions.ts';
import { Button } from '../../ui/Button.tsx';
import controls from '../../ui/controls.module.css';
import styles from './Nodes.module.css';

/** Why the hours cannot be set; null: they can. */
function flawOf(text: string): string | null {
  try {
    parseSchedule(text);
    return null;
  } catch (cause) {
    if (cause instanceof ScheduleError) return cause.message;
    throw cause;
  }
}

/** Sets the hours in which the farm uses a node. */
export function NodeHours({ node, close }: { node: NodeView; close: () => void }) {
  const [text, setText] = useState(node.hours?.schedule ?? '');
  const hint = useId();
  const flaw = text.trim() === '' ? null : flawOf(text);
  const send = (schedule: string | null) => {
    scheduleNode(node.nodeId, schedule);
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(text);
  };
  return (
    <form className={styles.hours} onSubmit={submit} aria-label={`Hours of ${node.name}`}>
      <input
        className={controls.input}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && close()}
        placeholder="mon-fri 19:00-07:00, sat-sun 00:00-24:00"
        aria-label="Hours in which the farm uses it"
        aria-describedby={hint}
        aria-invalid={flaw !== null}
        // biome-ignore lint/a11y/noAutofocus: it appears where the button was that had the focus
        autoFocus
      />
      <p id={hint} className={flaw === null ? styles.muted : styles.cause}>
        {flaw ?? 'By the clock of that machine. Its own hours hold as well.'}
      </p>
      <p className={styles.lendingButtons}>
        <Button type="submit" primary disabled={text.trim() === '' || flaw !== null}>
          Set hours
        </Button>
        {node.hours === null ? null : <Button onClick={() => send(null)}>At all hours</Button>}
        <Button onClick={close}>Cancel</Button>
      </p>
    </form>
  );
}
