import { archiveKeepsFrames } from './testing/archiveKeepsFrames.ts';

// Odd starts, streams and open codecs.
archiveKeepsFrames(['d11', 'd12', 'd13', 'd15', 'd16', 'd18']);
