import { type KeyboardEvent, useState } from 'react';
import { type AppCommand, commands, keysText, menuTitles } from '../../../shared/commands.ts';
import { useModal } from '../../ui/useModal.ts';
import { isMac } from '../shell/platform.ts';
import styles from './CommandDialogs.module.css';
import { runCommand } from './commandActions.ts';
import { closeCommandDialog, useCommandDialogs } from './palette.ts';

function pick(command: AppCommand): void {
  closeCommandDialog();
  // after the focus is back where it was: commands act on it
  requestAnimationFrame(() => runCommand(command.id));
}

const Keys = ({ of }: { of: AppCommand }) => (of.keys ? <kbd>{keysText(of.keys, isMac)}</kbd> : null);

/** Words in any order, each somewhere in the title. */
const matching = (text: string): readonly AppCommand[] => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const offered = commands.filter(({ id }) => id !== 'palette');
  return offered.filter(({ menu, title }) => words.every((word) => `${menu} ${title}`.toLowerCase().includes(word)));
};

function Palette() {
  const dialog = useModal(true);
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = matching(text);
  const at = Math.min(chosen, found.length - 1);
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((at + step + found.length) % Math.max(1, found.length));
    }
    const command = found[at];
    if (event.key === 'Enter' && command) pick(command);
  };
  return (
    <dialog ref={dialog} className={styles.palette} aria-label="All commands" onClose={closeCommandDialog}>
      <input
        autoFocus
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] ? `command-${found[at].id}` : undefined}
        aria-label="Command"
        placeholder="Command…"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
      />
      <div role="listbox" id="palette-list" aria-label="Commands" className={styles.list} tabIndex={-1}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above keeps the focus and has the keys
          <div
            key={command.id}
            id={`command-${command.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={styles.option}
            ref={(element) => {
              if (index === at) element?.scrollIntoView({ block: 'nearest' });
            }}
            onClick={() => pick(command)}
          >
            <span className={styles.menu}>{command.menu}</span>
            <span className={styles.title}>{command.title}</span>
            <Keys of={command} />
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className={styles.none}>No command is called that.</p> : null}
    </dialog>
  );
}

/** The application's menu where there is no other: in a browser. */
function CommandMenu() {
  const dialog = useModal(true);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a modal dialog by itself
    <dialog
      ref={dialog}
      className={styles.wide}
      aria-label="Menu"
      data-testid="command-menu"
      onClose={closeCommandDialog}
      onClick={(event) => {
        if (event.target === dialog.current) closeCommandDialog();
      }}
    >
      <div className={styles.columns}>
        {menuTitles.map((menu) => (
          <fieldset key={menu} className={styles.group}>
            <legend>{menu}</legend>
            {commands
              .filter((command) => command.menu === menu)
              .map((command) => (
                <button key={command.id} type="button" className={styles.item} onClick={() => pick(command)}>
                  <span className={styles.title}>{command.title}</span>
                  <Keys of={command} />
                </button>
              ))}
          </fieldset>
        ))}
      </div>
    </dialog>
  );
}

function Shortcuts() {
  const dialog = useModal(true);
  return (
    <dialog ref={dialog} className={styles.wide} aria-labelledby="shortcuts-title" onClose={closeCommandDialog}>
      <h2 id="shortcuts-title">Keyboard shortcuts</h2>
      <dl className={styles.shortcuts}>
        {commands
          .filter(({ keys }) => keys !== undefined)
          .map((command) => (
            <div key={command.id}>
              <dt>
                {command.title}
                {command.scope === 'list' ? <span className={styles.scope}> in the list</span> : null}
              </dt>
              <dd>
                <Keys of={command} />
              </dd>
            </div>
          ))}
      </dl>
      <button type="button" className={styles.close} onClick={closeCommandDialog}>
        Close
      </button>
    </dialog>
  );
}

/** The palette, the menu and the list of shortcuts: all made of one table. */
export function CommandDialogs() {
  const { open } = useCommandDialogs();
  if (open === 'palette') return <Palette />;
  if (open === 'menu') return <CommandMenu />;
  return open === 'shortcuts' ? <Shortcuts /> : null;
}
