import { archiveKeepsFrames } from './testing/archiveKeepsFrames.ts';

// Short, fragmented, damaged and tiny files.
archiveKeepsFrames(['d20', 'd21', 'd23', 'd24', 'd25', 'd26']);
