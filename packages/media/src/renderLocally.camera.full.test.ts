import { archiveKeepsFrames } from './testing/archiveKeepsFrames.ts';

// Cameras, tapes and editors.
archiveKeepsFrames(['d04', 'd05', 'd06', 'd07', 'd08', 'd22']);
