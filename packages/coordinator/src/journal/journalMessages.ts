/** One event as a row: the job it belongs to lets removed jobs be forgotten without reading bodies. */
export interface JournalRow {
  readonly jobId: string;
  readonly type: string;
  readonly body: string;
}

/** What was not as it was written: the journal goes on after its last good event, the rest is kept for people. */
export interface JournalDamage {
  /** Events before the damage, all as they were written. */
  readonly keptEvents: number;
  /** Events that could still be read behind it; more may be lost. */
  readonly readableBehind: number;
  /** The damaged file, as it was found. */
  readonly setAside: string;
  readonly reason: string;
}

export type JournalRequest =
  | { readonly kind: 'append'; readonly id: number; readonly rows: readonly JournalRow[] }
  /** Checks every row, and sets a damaged file aside. */
  | { readonly kind: 'check'; readonly id: number }
  | { readonly kind: 'page'; readonly id: number; readonly after: number }
  | { readonly kind: 'close'; readonly id: number };

/** Bodies of events in order. `last`: the sequence behind which the next page begins; null: there is none. */
export interface JournalPage {
  readonly bodies: readonly string[];
  readonly last: number | null;
}

export type JournalAnswer =
  | { readonly id: number; readonly ok: true; readonly value: JournalDamage | JournalPage | null }
  | { readonly id: number; readonly ok: false; readonly error: { readonly code: string; readonly message: string } };
