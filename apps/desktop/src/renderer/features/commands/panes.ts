const focusable = 'a[href], button:not([disabled]), input, select, [tabindex="0"]';

/** F6 goes from pane to pane, in the order of the page; the job list is where its own pane begins. */
export function focusNextPane(): void {
  const panes = [...document.querySelectorAll<HTMLElement>('header, nav, main, aside')];
  const current = panes.findIndex((pane) => pane.contains(document.activeElement));
  for (let step = 1; step <= panes.length; step += 1) {
    const pane = panes[(current + step + panes.length) % panes.length];
    const target = pane?.querySelector<HTMLElement>('[role="grid"]') ?? pane?.querySelector<HTMLElement>(focusable);
    if (!target) continue;
    target.focus();
    return;
  }
}
