import { playsInChromium } from './testing/playsInChromium.ts';

// longer to encode than all the other clips together
playsInChromium(['d28']);
