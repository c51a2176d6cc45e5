/** One event as a row: the job it belongs to lets removed jobs be forgotten without reading bodies. */
export interface JournalRow {
  readonly jobId: string;
  readonly type: string;
  readonly body: string;
}

export type JournalRequest =
  | { readonly kind: 'append'; readonly id: number; readonly rows: readonly JournalRow[] }
  | { readonly kind: 'load'; readonly id: number }
  | { readonly kind: 'close'; readonly id: number };

export type JournalAnswer =
  | { readonly id: number; readonly ok: true; readonly bodies: readonly string[] | null }
  | { readonly id: number; readonly ok: false; readonly error: { readonly code: string; readonly message: string } };
