import { playsInChromium } from './testing/playsInChromium.ts';

playsInChromium(['d01', 'd03', 'd04', 'd05', 'd06', 'd07', 'd08', 'd11', 'd12', 'd13', 'd20', 'd21']);
