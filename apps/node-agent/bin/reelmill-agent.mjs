#!/usr/bin/env node
import { launch } from './launch.mjs';

const [bundle, source] = ['../dist/reelmill-agent.js', '../src/main.ts'];
await launch({ name: 'reelmill-agent', bundle, source, from: import.meta.url });
