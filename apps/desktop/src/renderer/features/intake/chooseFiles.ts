import { addContent } from './submit.ts';

/** The menu twin of a drop: the system's file chooser in Electron, a file input in a browser. */
export async function chooseFiles(): Promise<void> {
  const host = window.farmHost;
  if (host) {
    const paths = await host.chooseFiles();
    if (paths.length > 0) await addContent({ paths, files: [] });
    return;
  }
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.onchange = () =>
    void addContent({ paths: [], files: [...(input.files ?? [])].map((file) => ({ file, subfolder: null })) });
  input.click();
}
