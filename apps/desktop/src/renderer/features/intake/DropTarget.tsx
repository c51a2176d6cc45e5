import { useEffect, useState } from 'react';
import { useFarm } from '../../store/farmStore.ts';
import { notifyFailure } from '../../store/notices.ts';
import { useViewStore } from '../../store/viewStore.ts';
import styles from './DropTarget.module.css';
import { readDrop } from './readDrop.ts';
import { addContent, currentPreset } from './submit.ts';

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Listens on the whole window; the overlay never takes the drag itself. */
function useWindowDrop(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child fires before leaving its parent, so only the depth tells when the window is left.
    let depth = 0;
    const set = (next: number) => {
      depth = Math.max(0, next);
      setOver(depth > 0);
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
    });
    on('dragleave', (event) => {
      if (carriesFiles(event)) set(depth - 1);
    });
    on('keydown', (event) => {
      if (event.key === 'Escape') set(0);
    });
    on('drop', (event) => {
      event.preventDefault();
      set(0);
      if (event.dataTransfer) readDrop(event.dataTransfer).then(addContent).catch(notifyFailure);
    });
    return () => controller.abort();
  }, []);
  return over;
}

export function DropTarget() {
  const over = useWindowDrop();
  const presets = useFarm((farm) => farm.presets, []);
  const remembered = useViewStore((view) => view.preset);
  const outputFolder = useViewStore((view) => view.outputFolder);
  if (!over) return null;
  const preset = currentPreset(presets, remembered);
  return (
    <div className={styles.overlay} data-testid="drop-overlay">
      <div className={styles.frame}>
        <p className={styles.title}>Drop to add{preset ? ` with “${preset.name}”` : ''}</p>
        <p className={styles.line}>
          Files and folders. Outputs go {outputFolder ? `to ${outputFolder}` : 'beside each source'}.
        </p>
        <p className={styles.line}>Sources are never written to.</p>
      </div>
    </div>
  );
}
