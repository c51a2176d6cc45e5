#!/usr/bin/env node
// Plain JavaScript for any Node ≥ 18: finds a Node ≥ 24 and runs the program under it.
import { launch } from './launch.mjs';

await launch({ name: 'reelmill', bundle: '../dist/reelmill.js', source: '../src/main.ts', from: import.meta.url });
