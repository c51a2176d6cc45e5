// Stands in for Electron's own default app: loads the application whose path is the first plain argument.
'use strict';
const { readFileSync, statSync } = require('node:fs');
const { join, resolve } = require('node:path');

const given = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (!given) {
  process.stderr.write('usage: electron PATH-OF-APP [ARGUMENTS]\n');
  process.exit(2);
}
const target = resolve(given);
if (statSync(target).isDirectory()) {
  const { main = 'index.js' } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  require(join(target, main));
} else {
  require(target);
}
