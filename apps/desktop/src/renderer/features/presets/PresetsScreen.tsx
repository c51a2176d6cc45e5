import type { PresetView } from '@reelmill/protocol';
import { useFarm, useFarmStore } from '../../store/farmStore.ts';
import { choosePreset, useViewStore } from '../../store/viewStore.ts';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { currentPreset } from '../intake/submit.ts';
import styles from './Presets.module.css';

const noPresets: readonly PresetView[] = [];

export function PresetsScreen() {
  const known = useFarmStore((state) => state.replica !== null);
  const presets = useFarm<readonly PresetView[]>((farm) => farm.presets, noPresets);
  const remembered = useViewStore((view) => view.preset);
  const current = currentPreset(presets, remembered);
  if (!known) return <Skeleton />;
  if (presets.length === 0) return <EmptyState>The coordinator offers no presets.</EmptyState>;
  return (
    <section className={styles.screen} aria-label="Presets">
      <ul>
        {presets.map((preset) => (
          <li key={preset.id} className={styles.row}>
            <span className={styles.name}>{preset.name}</span>
            <span className={styles.id}>{preset.id}</span>
            <span className={styles.container}>.{preset.container}</span>
            <span className={styles.description}>{preset.description}</span>
            {preset.id === current?.id ? (
              <span className={styles.current}>used for new jobs</span>
            ) : (
              <Button aria-label={`Use ${preset.name}`} onClick={() => choosePreset(preset.id)}>
                Use
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
