import { create } from 'zustand';
import { useFarmStore } from '../../store/farmStore.ts';
import { openLink } from '../links/openLinks.ts';
import {
  type FarmNews,
  firstWanted,
  type GroupedNews,
  grouped,
  newsBetween,
  newsGatherer,
  statesOf,
  type Wanted,
} from './farmNews.ts';

const lookEveryMs = 1_000;
const gatherMs = 10_000;
const mostKept = 200;
const wantedKey = 'reelmill.notifications';

export interface KeptNews extends FarmNews {
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

interface NewsState {
  /** Newest first. */
  readonly kept: readonly KeptNews[];
  readonly unread: number;
  readonly isOpen: boolean;
  readonly wanted: Wanted;
}

export const useNews = create<NewsState>()(() => ({ kept: [], unread: 0, isOpen: false, wanted: readWanted() }));

function readWanted(): Wanted {
  try {
    return { ...firstWanted, ...(JSON.parse(window.localStorage.getItem(wantedKey) ?? '{}') as Partial<Wanted>) };
  } catch {
    return firstWanted; // spoiled by hand: the usual ones
  }
}

export function want(change: Partial<Wanted>): void {
  const wanted = { ...useNews.getState().wanted, ...change };
  window.localStorage.setItem(wantedKey, JSON.stringify(wanted));
  useNews.setState({ wanted });
}

export const showNews = (isOpen: boolean): void => useNews.setState({ isOpen, unread: 0 });

/** Looks once a second what became of the jobs, for the life of the page. */
export function startNews(): void {
  const gather = newsGatherer(tellOutside, { gatherMs, schedule: (run, ms) => void setTimeout(run, ms) });
  let jobs = useFarmStore.getState().replica?.farm.jobs ?? null;
  let known = jobs === null ? null : statesOf({ jobs });
  let nextId = 1;
  setInterval(() => {
    const farm = useFarmStore.getState().replica?.farm;
    if (farm === undefined || farm.jobs === jobs) return;
    const news = known === null ? [] : newsBetween(known, farm);
    jobs = farm.jobs;
    known = statesOf(farm);
    if (news.length === 0) return;
    const at = Date.now();
    const fresh = news.map((one): KeptNews => ({ ...one, id: nextId++, at })).reverse();
    useNews.setState(({ kept, unread, isOpen }) => ({
      kept: [...fresh, ...kept].slice(0, mostKept),
      unread: isOpen ? 0 : unread + fresh.length,
    }));
    gather(news);
  }, lookEveryMs);
}

/** By the system where the window is an app, by the browser where its user allowed that; a window in front needs none. */
function tellOutside(news: readonly FarmNews[]): void {
  const note = grouped(news, useNews.getState().wanted);
  if (note === null || document.hasFocus()) return;
  if (window.farmHost) {
    window.farmHost.notify({ ...note, link: note.jobId === null ? null : { kind: 'job', id: note.jobId } });
  } else if ('Notification' in window && Notification.permission === 'granted') showInBrowser(note);
}

function showInBrowser({ title, body, jobId }: GroupedNews): void {
  const note = new Notification(title, { body });
  note.onclick = () => {
    window.focus();
    if (jobId !== null) openLink({ kind: 'job', id: jobId });
    note.close();
  };
}
