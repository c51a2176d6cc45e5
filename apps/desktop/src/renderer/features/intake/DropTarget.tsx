import type { RenditionId } from '@reelmill/protocol';
import { useEffect, useState } from 'react';
import { useFarm } from '../../store/farmStore.ts';
import { notifyFailure } from '../../store/notices.ts';
import { useViewStore } from '../../store/viewStore.ts';
import styles from './DropTarget.module.css';
import { readDrop } from './readDrop.ts';
import { addContent, currentPreset } from './submit.ts';

/** Files, or an address dragged from a browser; not a text that is dragged within the page. */
const carriesFiles = (event: DragEvent): boolean =>
  ['Files', 'text/uri-list'].some((type) => event.dataTransfer?.types.includes(type));

/** The preset below the pointer. */
const presetAt = (event: DragEvent): RenditionId | null =>
  ((event.target as Element | null)?.closest<HTMLElement>('[data-preset]')?.dataset.preset ??
    null) as RenditionId | null;

interface Over {
  readonly isOver: boolean;
  readonly preset: RenditionId | null;
}

/** Listens on the whole window; the overlay only says which preset the pointer is on. */
function useWindowDrop(): Over {
  const [over, setOver] = useState<Over>({ isOver: false, preset: null });
  useEffect(() => {
    // Entering a child fires before leaving its parent, so only the depth tells when the window is left.
    let depth = 0;
    const set = (next: number) => {
      depth = Math.max(0, next);
      setOver((before) => (before.isOver === depth > 0 ? before : { isOver: depth > 0, preset: null }));
    };
    const controller = new AbortController();
    const on = <K extends keyof WindowEventMap>(type: K, handle: (event: WindowEventMap[K]) => void) =>
      window.addEventListener(type, handle, { signal: controller.signal });
    on('dragenter', (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      set(depth + 1);
    });
    on('dragover', (event) => {
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = carriesFiles(event) ? 'copy' : 'none';
      const preset = presetAt(event);
      setOver((before) => (before.preset === preset ? before : { ...before, preset }));
    });
    // a drag that is given up does not say any more what it carried
    on('dragleave', () => set(depth - 1));
    on('keydown', (event) => {
      if (event.key === 'Escape') set(0);
    });
    on('drop', (event) => {
      event.preventDefault();
      const preset = presetAt(event) ?? undefined;
      set(0);
      if (!event.dataTransfer || !carriesFiles(event)) return;
      readDrop(event.dataTransfer)
        .then((content) => addContent(content, preset))
        .catch(notifyFailure);
    });
    return () => controller.abort();
  }, []);
  return over;
}

export function DropTarget() {
  const { isOver, preset: hovered } = useWindowDrop();
  const presets = useFarm((farm) => farm.presets, []);
  const remembered = useViewStore((view) => view.preset);
  const outputFolder = useViewStore((view) => view.outputFolder);
  if (!isOver) return null;
  const preset = currentPreset(presets, hovered ?? remembered);
  return (
    <div className={styles.overlay} data-testid="drop-overlay">
      <div className={styles.frame}>
        <p className={styles.title}>Drop to add{preset ? ` with “${preset.name}”` : ''}</p>
        <p className={styles.line}>
          Files and folders. Outputs go {outputFolder ? `to ${outputFolder}` : 'beside each source'}.
        </p>
        <p className={styles.line}>Sources are never written to.</p>
      </div>
      <div className={styles.others}>
        <p className={styles.hint}>Or drop on another preset:</p>
        <ul className={styles.presets}>
          {presets.map(({ id, name }) => (
            <li key={id} data-preset={id} data-over={id === preset?.id || undefined}>
              {name}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
