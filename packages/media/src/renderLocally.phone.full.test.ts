import { archiveKeepsFrames } from './testing/archiveKeepsFrames.ts';

// Phone and screen recordings.
archiveKeepsFrames(['d01', 'd02', 'd03']);
