import { apiPrefix, ErrorData, UploadAnswer } from '@reelmill/protocol';
import { create } from 'zustand';
import { CommandError } from '../../store/link.ts';

export interface UploadRow {
  readonly id: number;
  readonly name: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

/** Uploads on their way from this browser; rows of the queue once they have arrived. */
export const useUploads = create<{ readonly uploads: readonly UploadRow[] }>()(() => ({ uploads: [] }));

let nextId = 1;

/** Streams one file to the coordinator. Answers its upload id; throws `CommandError`. */
export async function uploadFile(file: File): Promise<string> {
  const id = nextId++;
  const row: UploadRow = { id, name: file.name, bytesDone: 0, bytesTotal: file.size };
  useUploads.setState((state) => ({ uploads: [...state.uploads, row] }));
  try {
    return await send(file, (bytesDone) =>
      useUploads.setState((state) => ({
        uploads: state.uploads.map((upload) => (upload.id === id ? { ...upload, bytesDone } : upload)),
      })),
    );
  } finally {
    useUploads.setState((state) => ({ uploads: state.uploads.filter((upload) => upload.id !== id) }));
  }
}

/** XMLHttpRequest, because fetch tells nothing about the bytes already sent. */
function send(file: File, onBytes: (done: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', `${apiPrefix}/uploads/${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onerror = () =>
      reject(
        new CommandError({
          cause: `${file.name} could not be sent.`,
          fix: 'Drop it again once the connection is back.',
        }),
      );
    request.onload = () => {
      const answer = UploadAnswer.safeParse(parsedJson(request.responseText));
      if (answer.success) return resolve(answer.data.uploadId);
      reject(new CommandError(refusal(request, file.name)));
    };
    request.send(file);
  });
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}

function refusal(request: XMLHttpRequest, name: string): { cause: string; fix: string } {
  const body = parsedJson(request.responseText) as { error?: unknown };
  const known = ErrorData.safeParse(body.error ?? body);
  if (known.success) return known.data;
  return { cause: `${name} was refused (${request.status}).`, fix: 'Reload the page, then drop the file again.' };
}
