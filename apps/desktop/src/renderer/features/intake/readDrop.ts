/** What a drop holds: paths of the coordinator's machine (Electron), or files whose bytes must be uploaded (browser). */
export interface DropContent {
  readonly paths: readonly string[];
  readonly files: readonly DroppedFile[];
  /** An address or a path as text, where no file was dropped. */
  readonly text?: string;
}

interface DroppedFile {
  readonly file: File;
  /** Folders it lay in below the dropped one, with `/` between; null: it was dropped by itself. */
  readonly subfolder: string | null;
}

/** Electron before 32 puts the path on the file; later ones ask the preload. */
type FileWithPath = File & { readonly path?: string };

/** Must be called in the event: the browser empties the transfer afterwards. Folders are read to their ends. */
export async function readDrop(transfer: DataTransfer): Promise<DropContent> {
  const files = [...transfer.files] as FileWithPath[];
  if (files.length === 0) {
    return { paths: [], files: [], text: transfer.getData('text/uri-list') || transfer.getData('text/plain') };
  }
  const host = window.farmHost;
  if (host) {
    const paths = files.map((file) => file.path || host.pathForFile(file)).filter((path) => path !== null);
    return { paths, files: [] };
  }
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const nested = await Promise.all(entries.map((entry) => filesOfEntry(entry, null)));
  return { paths: [], files: nested.flat() };
}

/** `subfolder`: of what is in the folder; null outside of any. Hidden files are the system's own. */
async function filesOfEntry(entry: FileSystemEntry, subfolder: string | null): Promise<DroppedFile[]> {
  if (entry.isFile) {
    if (subfolder !== null && entry.name.startsWith('.')) return [];
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ file, subfolder }];
  }
  const inside = subfolder === null ? '' : subfolder === '' ? entry.name : `${subfolder}/${entry.name}`;
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  // A reader hands out at most 100 entries a time; an empty answer is the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    children.push(...some);
  }
  return (await Promise.all(children.map((child) => filesOfEntry(child, inside)))).flat();
}
