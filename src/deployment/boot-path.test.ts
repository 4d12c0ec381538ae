import { expect, it } from 'vitest';
import { fromText } from '../formats/bytes/index.ts';
import type { Directory, Metadata, Node } from '../formats/tree/index.ts';
import { argumentObstacle, bootObstacles, bootUnitAt, isBootUnit } from './boot-path.ts';

const meta: Metadata = { mode: 0o755, uid: 0, gid: 0, mtime: 1, mtimeNsec: 0, xattrs: undefined };

function directory(entries: Readonly<Record<string, Node>>): Directory {
  const map = new Map(Object.entries(entries).map(([name, node]) => [fromText(name), node]));
  return { ...meta, kind: 'directory', entries: map };
}

/** An image with a link in /etc/systemd/system. */
function withUnit(name: string, target: string): Directory {
  const link: Node = { ...meta, kind: 'symlink', target: fromText(target), nlink: 1 };
  return directory({ etc: directory({ systemd: directory({ system: directory({ [name]: link }) }) }) });
}

it('finds units that an image has masked, and nothing in one that only chooses another', () => {
  expect(bootObstacles(withUnit('multi-user.target', '/dev/null'), [])).toStrictEqual([
    'the image has multi-user.target masked, which a machine needs to come up',
  ]);
  const chosen = withUnit('default.target', '/lib/systemd/system/multi-user.target');
  expect(bootObstacles(chosen, ['quiet'])).toStrictEqual([]);
  expect(bootObstacles(withUnit('cups.service', '/dev/null'), [])).toStrictEqual([]);
  expect(bootObstacles(directory({}), ['quiet', 'panic=0'])).toHaveLength(1);
});

it.each([
  ['init=/bin/sh', true],
  ['emergency', true],
  ['systemd.unit=rescue.target', true],
  ['systemd.mask=multi-user.target', true],
  ['systemd.mask=cups.service', false],
  ['systemd.crash_reboot=no', true],
  ['systemd.crash_reboot=yes', false],
  ['systemd.crash_action=freeze', true],
  ['systemd.crash_action=reboot', false],
  ['panic=0', true],
  ['panic=10', false],
  ['single', true],
  ['singles', false],
])('the argument %s stands in the way: %s', (argument, expected) => {
  expect(argumentObstacle(argument) !== undefined).toBe(expected);
});

it('knows units by name and by path', () => {
  expect([isBootUnit('apt-layer-confirm'), isBootUnit('cups')]).toStrictEqual([true, false]);
  expect(bootUnitAt('/etc/systemd/system/default.target')).toBe('default.target');
  expect(bootUnitAt('/etc/systemd/system/multi-user.target.wants/a.service')).toBeUndefined();
});
