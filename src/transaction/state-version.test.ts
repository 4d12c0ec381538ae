import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import type { ProgressEvent } from '../report/index.ts';
import { listTransactions } from './history.ts';
import { checkStateVersion } from './state-version.ts';
import { withTransaction } from './transaction.ts';

const options = { verb: 'deploy', commandLine: 'deploy x' };

function sysrootWith(path: string, version: string): string {
  fs.mkdirSync(`${path}/state`);
  fs.writeFileSync(`${path}/state/version`, version);
  return path;
}

describe('checkStateVersion', () => {
  it('knows a sysroot that is not there yet, and one of its own', async () => {
    using scratch = scratchDirectory();
    const host = testHost();
    const sysroot = `${scratch.path}/a/b`;
    expect(checkStateVersion({ host, sysroot }, 'write').version).toBeUndefined();
    expect(listTransactions({ host, sysroot })).toStrictEqual([]);
    await withTransaction({ host, sysroot }, options, async () => undefined);
    expect(checkStateVersion({ host, sysroot }, 'write').version).toBe(1);
  });

  const refused = [
    ['a newer version', '{"version":2}', /newer apt-layer: it uses state format 2/],
    ['an unknown feature', '{"version":1,"features":{"incompatible":["x"]}}', /newer apt-layer.*"x"/],
  ] as const;
  it.each(refused)('refuses %s to readers and writers, and changes nothing', async (_, text, message) => {
    using scratch = scratchDirectory();
    const sysroot = sysrootWith(scratch.path, text);
    const host = testHost();
    expect(() => listTransactions({ host, sysroot })).toThrow(message);
    await expect(withTransaction({ host, sysroot }, options, async () => undefined)).rejects.toThrow(message);
    expect(fs.readdirSync(`${sysroot}/state`)).toStrictEqual(['version']);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'version 1'],
    ['no version', '{}'],
    ['no number', '{"version":"1"}'],
    ['a wrong feature list', '{"version":1,"features":{"incompatible":"x"}}'],
  ])('locks nobody out for a file that says %s, and writes it anew', async (_, text) => {
    using scratch = scratchDirectory();
    const sysroot = sysrootWith(scratch.path, text);
    const events: ProgressEvent[] = [];
    const host = testHost({ report: { emit: event => events.push(event) } });
    expect(listTransactions({ host, sysroot })).toStrictEqual([]);
    expect(fs.readFileSync(`${sysroot}/state/version`, 'utf8')).toBe(text);
    await withTransaction({ host, sysroot }, options, async () => undefined);
    expect(events).toContainEqual(
      expect.objectContaining({ level: 'warning', text: expect.stringContaining('state/version says no') }),
    );
    expect(checkStateVersion({ host, sysroot }, 'read')).toStrictEqual({ version: 1, damage: undefined });
  });

  it('lets readers read what it may not change', () => {
    using scratch = scratchDirectory();
    const sysroot = sysrootWith(scratch.path, '{"version":1,"features":{"readOnlyCompatible":["x"]}}');
    const host = testHost();
    expect(checkStateVersion({ host, sysroot }, 'read').version).toBe(1);
    expect(() => checkStateVersion({ host, sysroot }, 'write')).toThrow('newer apt-layer');
  });
});
