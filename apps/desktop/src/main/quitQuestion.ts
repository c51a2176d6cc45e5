import { type BrowserWindow, dialog } from 'electron';

export type QuitChoice = 'keep-in-tray' | 'pause-and-quit' | 'stay';

const choices: readonly QuitChoice[] = ['keep-in-tray', 'pause-and-quit', 'stay'];

/** Asked when somebody quits while jobs are under way; what loses nothing and changes nothing has the focus. */
export async function askQuit(window: BrowserWindow | null, activeJobs: number): Promise<QuitChoice> {
  const stay = choices.indexOf('stay');
  const options = {
    type: 'question' as const,
    title: 'Reelmill',
    message: activeJobs === 1 ? 'One job is not done yet.' : `${activeJobs} jobs are not done yet.`,
    detail:
      'In the tray, rendering goes on without a window. After “Pause and quit” it goes on at the next start, where it was: finished chunks are kept.',
    buttons: ['Keep in tray', 'Pause and quit', 'Stay'],
    defaultId: stay,
    cancelId: stay,
    noLink: true,
  };
  const { response } = window ? await dialog.showMessageBox(window, options) : await dialog.showMessageBox(options);
  return choices[response] ?? 'stay';
}
