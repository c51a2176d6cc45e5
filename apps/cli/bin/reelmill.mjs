#!/usr/bin/env node
import { launch } from '../../node-agent/bin/launch.mjs';

await launch({ name: 'reelmill', bundle: '../dist/reelmill.js', source: '../src/main.ts', from: import.meta.url });
