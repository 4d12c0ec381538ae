import { describe, expect, it } from 'vitest';
import { type MemoryEntry, memoryTree } from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import { withoutIdentity } from './identity.ts';

const without = (entries: Readonly<Record<string, MemoryEntry>>, path: string) =>
  lookup(withoutIdentity(memoryTree({ '/etc/x': 'x', ...entries })), fromText(path));

describe('withoutIdentity', () => {
  it.each<[string, Readonly<Record<string, MemoryEntry>>]>([
    ['is missing', {}],
    ['is a link', { '/etc/machine-id': { link: '/run/machine-id' } }],
    ['is empty', { '/etc/machine-id': '' }],
  ])('has an empty machine-id where it %s', (_, entries) =>
    expect(without(entries, '/etc/machine-id')).toMatchObject({ kind: 'file', size: 0, mode: 0o644 }),
  );

  it("makes D-Bus's copy a link where D-Bus is", () => {
    const link = { kind: 'symlink', target: '/etc/machine-id' };
    expect(without({ '/var/lib/dbus/machine-id': 'id' }, '/var/lib/dbus/machine-id')).toMatchObject(link);
    expect(without({ '/var/lib/dbus/other': '' }, '/var/lib/dbus/machine-id')).toMatchObject(link);
    expect(without({}, '/var/lib/dbus')).toBeUndefined();
  });

  it('leaves /etc/resolv.conf to systemd-resolved where that is, and to nobody else', () => {
    const resolved = { '/usr/lib/tmpfiles.d/systemd-resolve.conf': 'L! /etc/resolv.conf' };
    const file = { '/etc/resolv.conf': '' };
    expect(without({ ...resolved, ...file }, '/etc/resolv.conf')).toBeUndefined();
    expect(without(file, '/etc/resolv.conf')).toMatchObject({ kind: 'file', size: 0 });
  });
});
