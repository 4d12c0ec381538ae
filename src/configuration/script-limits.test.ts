import fs from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { readScriptLimits } from './index.ts';

const MINUTE = 60_000;
const DEFAULTS = { idleMs: 30 * MINUTE, processes: 4096, memory: { part: 0.9 } };

it.each([
  ['', DEFAULTS],
  ['script-idle-time: 2h', { ...DEFAULTS, idleMs: 120 * MINUTE }],
  ['script-idle-time: 90s', { ...DEFAULTS, idleMs: 90_000 }],
  ['script-idle-time: 0', { ...DEFAULTS, idleMs: 0 }],
  ['script-processes: 100000', { ...DEFAULTS, processes: 100_000 }],
  ['script-memory: 4G', { ...DEFAULTS, memory: { bytes: 4 * 2 ** 30 } }],
  ['script-memory: 50%', { ...DEFAULTS, memory: { part: 0.5 } }],
])('the configuration %j means %j', (text, expected) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  expect(readScriptLimits(testHost(), `${scratch.path}/conf`)).toEqual(expected);
});

it.each([
  ['script-idle-time: 30', /script-idle-time is 30/],
  ['script-idle-time: long', /script-idle-time is "long"/],
  ['script-idle-time: 900h', /script-idle-time is "900h"/],
  ['script-processes: 1', /script-processes is 1$/],
  ['script-processes: many', /script-processes is "many"/],
  ['script-memory: 1M', /script-memory is "1M"/],
  ['script-memory: 0%', /script-memory is "0%"/],
  ['script-memory: [1]', /script-memory is \[1\]/],
])('the configuration %j is refused', (text, message) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  expect(() => readScriptLimits(testHost(), `${scratch.path}/conf`)).toThrow(message);
});

it('what the package ships is what holds without it', () => {
  expect(readScriptLimits(testHost(), 'packaging/config/apt-layer.conf')).toEqual(DEFAULTS);
});
