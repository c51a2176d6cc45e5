import { playsInChromium } from './testing/playsInChromium.ts';

playsInChromium(['d02', 'd14', 'd15', 'd16', 'd18', 'd22', 'd23', 'd24', 'd25', 'd26']);
