import type { FarmStats, RenditionId } from '@reelmill/protocol';
import { useFarm } from '../../store/farmStore.ts';
import { farmSeries, useSeries } from '../../store/history.ts';
import { pauseFarm, resumeFarm } from '../../store/jobActions.ts';
import { choosePreset, useViewStore } from '../../store/viewStore.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import controls from '../../ui/controls.module.css';
import { bytesPerSecond, counted, framesPerSecond, speed, unknown, wholeNumber } from '../../ui/format.ts';
import { Sparkline } from '../../ui/Sparkline.tsx';
import { openMenuOfCommands } from '../commands/palette.ts';
import { chooseFiles } from '../intake/chooseFiles.ts';
import { openNaming } from '../intake/naming.ts';
import { currentPreset } from '../intake/submit.ts';
import styles from './Toolbar.module.css';

function PresetChoice() {
  const presets = useFarm((farm) => farm.presets, []);
  const remembered = useViewStore((view) => view.preset);
  const current = currentPreset(presets, remembered);
  return (
    <select
      className={controls.select}
      aria-label="Preset for new jobs"
      title="Preset for new jobs"
      value={current?.id ?? ''}
      disabled={!current}
      onChange={(event) => choosePreset(event.target.value as RenditionId)}
    >
      {presets.map((preset) => (
        <option key={preset.id} value={preset.id}>
          {preset.name}
        </option>
      ))}
    </select>
  );
}

/** Nothing new starts while the farm is paused; the queue says so. */
function PauseButton() {
  const paused = useFarm((farm) => farm.stats.paused, false);
  return (
    <IconButton
      icon={paused ? 'play' : 'pause'}
      label={paused ? 'Resume the farm' : 'Pause the farm: what runs goes on to its end'}
      aria-pressed={paused}
      onClick={() => (paused ? resumeFarm() : pauseFarm(null))}
    />
  );
}

function Figure({ label, value, width }: { label: string; value: string; width: number }) {
  return (
    <div className={styles.figure} style={{ width }}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const show = (stats: FarmStats | null, read: (stats: FarmStats) => string): string => (stats ? read(stats) : unknown);

export function Toolbar() {
  const stats = useFarm<FarmStats | null>((farm) => farm.stats, null);
  const cpu = useSeries(farmSeries.cpu);
  const depth = show(stats, (value) => counted(value.jobsActive + value.jobsWaiting, 'job'));
  return (
    <header className={styles.toolbar}>
      {window.farmHost ? null : (
        <IconButton icon="menu" label="Menu" aria-haspopup="dialog" onClick={openMenuOfCommands} />
      )}
      <Button icon="add" primary onClick={() => void chooseFiles()} title="Add files (Ctrl+O)">
        Add
      </Button>
      <PresetChoice />
      <IconButton icon="name" label="Names of outputs" aria-haspopup="dialog" onClick={openNaming} />
      <PauseButton />
      <dl className={styles.figures}>
        <Figure label="Queue" value={depth} width={76} />
        <Figure label="Waiting" value={show(stats, (value) => wholeNumber(value.chunksWaiting))} width={66} />
        <Figure label="Encoding" value={show(stats, (value) => wholeNumber(value.chunksEncoding))} width={72} />
        <Figure
          label="Verified"
          value={show(stats, (value) => `${wholeNumber(value.chunksVerified)} / ${wholeNumber(value.chunksTotal)}`)}
          width={100}
        />
        <Figure label="Frames/s" value={show(stats, (value) => framesPerSecond(value.fps))} width={72} />
        <Figure label="Speed" value={show(stats, (value) => speed(value.speed))} width={62} />
        <Figure label="Up" value={show(stats, (value) => bytesPerSecond(value.bytesUpPerSecond))} width={88} />
        <Figure label="Down" value={show(stats, (value) => bytesPerSecond(value.bytesDownPerSecond))} width={88} />
        <Figure
          label="CPU"
          value={show(stats, (value) => (value.cpuPercent === null ? unknown : `${wholeNumber(value.cpuPercent)} %`))}
          width={56}
        />
      </dl>
      <Sparkline values={cpu} width={96} height={28} max={100} label="CPU of all nodes, last two minutes" />
    </header>
  );
}
