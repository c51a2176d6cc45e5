/** What a drop holds: paths of the coordinator's machine (Electron), or files whose bytes must be uploaded (browser). */
export interface DropContent {
  readonly paths: readonly string[];
  readonly files: readonly File[];
}

/** Electron before 32 puts the path on the file; later ones ask the preload. */
type FileWithPath = File & { readonly path?: string };

/** Must be called in the event: the browser empties the transfer afterwards. Folders are read to their ends. */
export async function readDrop(transfer: DataTransfer): Promise<DropContent> {
  const files = [...transfer.files] as FileWithPath[];
  const host = window.farmHost;
  if (host) {
    const paths = files.map((file) => file.path || host.pathForFile(file)).filter((path) => path !== null);
    return { paths, files: [] };
  }
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const nested = await Promise.all(entries.map(filesOfEntry));
  return { paths: [], files: nested.flat() };
}

async function filesOfEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile)
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const children: FileSystemEntry[] = [];
  // A reader hands out at most 100 entries a time; an empty answer is the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    children.push(...some);
  }
  return (await Promise.all(children.map(filesOfEntry))).flat();
}
