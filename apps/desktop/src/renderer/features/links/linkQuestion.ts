import { create } from 'zustand';

/** What a link asks for, and what happens where its user agrees. */
export interface LinkQuestion {
  readonly title: string;
  readonly lines: readonly string[];
  readonly yesLabel: string;
  yes(): void;
}

export const useLinkQuestion = create<{ readonly question: LinkQuestion | null }>()(() => ({ question: null }));

/** A second link while one is asked about takes its place: nothing happens unseen. */
export const askLink = (question: LinkQuestion): void => useLinkQuestion.setState({ question });
