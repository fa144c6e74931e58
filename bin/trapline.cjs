#!/usr/bin/env node
// The program that npm installs: checks the version of Node, then loads the bundle. This file is written in ECMAScript 5, so that every Node can
// read it. The bundle is not: an older Node would end in the middle of a command with a stack trace.
'use strict';

// The same version as "engines" in package.json.
var NEEDED = [20, 19];

var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write('trapline: Node ' + process.versions.node + ' is too old, ' + NEEDED.join('.') + ' or newer is needed\n');
  process.exitCode = 69; // EX_UNAVAILABLE of sysexits(3).
} else {
  // oxlint-disable-next-line import/no-unassigned-import -- the bundle runs when it is loaded.
  require('../dist/main.cjs');
}
