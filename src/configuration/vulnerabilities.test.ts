import fs from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { readVulnerabilitySettings } from './index.ts';

const DAY = 86_400_000;

it.each([
  ['vulnerability-data: /srv/tracker.json', ['/srv/tracker.json'], 7 * DAY],
  ['vulnerability-data: [https://a.example/x, /srv/b]', ['https://a.example/x', '/srv/b'], 7 * DAY],
  ['vulnerability-data: off\nvulnerability-max-age: 36h', [], 1.5 * DAY],
])('the configuration %j means %j', (text, addresses, maxAgeMs) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  expect(readVulnerabilitySettings(testHost(), `${scratch.path}/conf`)).toEqual({ addresses, maxAgeMs });
});

it.each([
  ['vulnerability-data: tracker.json', /vulnerability-data is "tracker.json"/],
  ['vulnerability-data: [ftp://a/b]', /vulnerability-data is \["ftp:/],
  ['vulnerability-data: {a: b}', /vulnerability-data is {"a"/],
  ['vulnerability-max-age: soon', /vulnerability-max-age is "soon"/],
  ['vulnerability-max-age: 0d', /vulnerability-max-age is "0d"/],
])('the configuration %j is refused', (text, message) => {
  using scratch = scratchDirectory();
  fs.writeFileSync(`${scratch.path}/conf`, text);
  expect(() => readVulnerabilitySettings(testHost(), `${scratch.path}/conf`)).toThrow(message);
});

it('what the package ships is what holds without it', () => {
  const none = readVulnerabilitySettings(testHost(), '/nowhere/apt-layer.conf');
  expect(readVulnerabilitySettings(testHost(), 'packaging/config/apt-layer.conf')).toEqual(none);
});
