import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../../tests/support/host.ts';
import { choiceOf, FILE_BYTES, useUp } from '../../../tests/support/loader-choice.ts';
import type { Sys } from '../../sys/index.ts';
import { type Loader, type LoaderEntry, openLoader } from './index.ts';

const { sys } = testHost();
const NAMES = ['systemd-boot', 'grub'] as const;
type Name = (typeof NAMES)[number];

const CHANGING = [
  ...['create', 'write', 'fsync', 'rename', 'unlink', 'mkdir', 'rmdir', 'truncate', 'syncfs'],
] as const;

/** As when power fails: from the N-th changing call on, nothing is done at all, not even cleaning up. */
function dying(n: number, availableBytes: number | undefined): { sys: Sys; died: () => boolean } {
  let count = 0;
  const changed = Object.fromEntries(
    CHANGING.map(name => [
      name,
      (...args: unknown[]) => {
        count += 1;
        if (count >= n) throw new PowerCut();
        return (sys as unknown as Record<string, (...all: unknown[]) => unknown>)[name]?.(...args);
      },
    ]),
  );
  const space = availableBytes === undefined ? {} : { space: () => ({ totalBytes: 1e9, availableBytes }) };
  return { sys: { ...sys, ...changed, ...space } as Sys, died: () => count >= n };
}

class PowerCut extends Error {}

interface Transition {
  readonly before: string;
  readonly after: string;
  readonly tries?: number;
  /** The first one has no attempts left. */
  readonly usedUp?: boolean;
  readonly availableBytes?: number;
}

const LITTLE = 5000;
const TRANSITIONS: Readonly<Record<string, Transition>> = {
  'an update': { before: 'b a', after: 'c b', tries: 3 },
  'an update that keeps three': { before: 'c b a', after: 'd c b a', tries: 3 },
  'a rollback': { before: 'b a', after: 'a b' },
  'a reversal': { before: 'c b a', after: 'a b c' },
  'the last to the front': { before: 'd c b a', after: 'a d c b' },
  'an update and another order': { before: 'c b a', after: 'n b c a', tries: 3 },
  'an update over one without attempts': { before: 'x a', after: 'y a', tries: 3, usedUp: true },
  'one without attempts that is wanted again': { before: 'x a', after: 'x a', usedUp: true },
  'one without attempts that is tried again': { before: 'x a', after: 'x a', tries: 3, usedUp: true },
  'one without attempts that goes': { before: 'x a', after: 'a', usedUp: true },
  'an update with little room': { before: 'b a', after: 'c b', tries: 3, availableBytes: LITTLE },
  'another order with little room': {
    ...{ before: 'c b a', after: 'n b c', tries: 3, availableBytes: LITTLE },
  },
  'an update over one without attempts, with little room': {
    ...{ before: 'x b a', after: 'y x b', tries: 3, usedUp: true, availableBytes: LITTLE },
  },
};

function entryOf(directory: string, id: string): LoaderEntry {
  const file = (kind: string) => {
    const path = `${directory}/source-${kind}-${id}`;
    fs.writeFileSync(path, `${kind} of ${id}`.padEnd(FILE_BYTES, '.'));
    return { digest: Buffer.from(`${id}${kind}`).toString('hex').padEnd(64, '0'), size: FILE_BYTES, path };
  };
  return { id, title: id, kernel: file('vmlinuz'), initrd: file('initrd'), arguments: ['a=b'] };
}

interface Made {
  readonly scratch: string;
  readonly boot: string;
  readonly loader: Loader;
}

/** A boot directory that came about entry by entry. */
function makeBefore(scratch: string, name: Name, { before, usedUp }: Transition): Made {
  const boot = `${scratch}/boot`;
  fs.mkdirSync(boot);
  const loader = openLoader(sys, name, boot, { bootPrefix: '' });
  const ids = before.split(' ');
  for (let index = ids.length - 1; index >= 0; index -= 1) {
    const entries = ids.slice(index).map(id => entryOf(scratch, id));
    loader.write(entries, usedUp && index === 0 ? 3 : undefined);
  }
  if (usedUp) useUp(boot, name, ids[0] ?? '');
  return { scratch, boot, loader };
}

/** Runs a transition until the N-th changing call; says what is booted before and after, and whether it came to its end. */
function run(name: Name, transition: Transition, n: number) {
  using scratch = scratchDirectory();
  const { boot, loader } = makeBefore(scratch.path, name, transition);
  const old = choiceOf(boot, name);
  const ids = transition.after.split(' ');
  const entries = ids.map(id => entryOf(scratch.path, id));
  const fault = dying(n, transition.availableBytes);
  try {
    openLoader(fault.sys, name, boot, { bootPrefix: '' }).write(entries, transition.tries);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  const booted = choiceOf(boot, name);
  const read = loader.read().entries[0]?.id;
  // What was begun is completed by the next run.
  openLoader(sys, name, boot, { bootPrefix: '' }).write(entries, transition.tries);
  const completed = choiceOf(boot, name);
  return { old, booted, read, completed, finished: !fault.died(), wanted: ids[0] };
}

describe.each(NAMES)('%s', name => {
  it.each(Object.entries(TRANSITIONS))(
    '%s boots the old or the new default, wherever it is cut',
    (_, transition) => {
      for (let n = 1; ; n += 1) {
        const { old, booted, read, completed, finished, wanted } = run(name, transition, n);
        expect([old, wanted], `cut at call ${n}`).toContain(booted);
        expect(read, `cut at call ${n}`).toBe(booted);
        expect(completed, `cut at call ${n}, then repeated`).toBe(wanted);
        if (!finished) continue;
        expect(booted).toBe(wanted);
        expect(n).toBeGreaterThan(2);
        return;
      }
    },
  );

  it('refuses, before anything goes, when nothing that stays could be booted', () => {
    using scratch = scratchDirectory();
    const { boot } = makeBefore(scratch.path, name, { before: 'b a', after: '' });
    const { sys: small } = dying(Number.POSITIVE_INFINITY, LITTLE);
    const entries = ['d', 'c'].map(id => entryOf(scratch.path, id));
    const write = () => openLoader(small, name, boot, { bootPrefix: '' }).write(entries, 3);
    expect(write).toThrow(/lacks 1 MiB beside what the machine boots now/);
    expect(choiceOf(boot, name)).toBe('b');
  });

  it('boots the next in line that stays, where there is no room beside a default that goes', () => {
    const transition = { before: 'b a', after: 'c a', tries: 3, availableBytes: LITTLE };
    const seen: string[] = [];
    for (let n = 1; ; n += 1) {
      const { booted, read, completed, finished } = run(name, transition, n);
      expect([read, completed]).toStrictEqual([booted, 'c']);
      if (seen.at(-1) !== booted) seen.push(booted);
      if (finished) break;
    }
    expect(seen).toStrictEqual(['b', 'a', 'c']);
  });

  it('goes on counting what is on trial when only the others change', () => {
    using scratch = scratchDirectory();
    const { loader } = makeBefore(scratch.path, name, { before: 'b a', after: '' });
    const entries = (ids: string) => ids.split(' ').map(id => entryOf(scratch.path, id));
    loader.write(entries('c b a'), 3);
    loader.write(entries('c a b'), undefined);
    expect(loader.read().entries.map(one => [one.id, one.triesLeft])).toStrictEqual([
      ['c', 3],
      ['a', undefined],
      ['b', undefined],
    ]);
  });

  it('falls back past all that have no attempts left, until one of them is confirmed', () => {
    using scratch = scratchDirectory();
    const { boot, loader } = makeBefore(scratch.path, name, { before: 'x b', after: '', usedUp: true });
    loader.write(
      ['y', 'x', 'b'].map(id => entryOf(scratch.path, id)),
      3,
    );
    expect(choiceOf(boot, name)).toBe('y');
    useUp(boot, name, 'y');
    expect([choiceOf(boot, name), loader.read().entries[0]?.id]).toStrictEqual(['b', 'b']);
    loader.confirm('x');
    expect([choiceOf(boot, name), loader.read().entries[0]?.id]).toStrictEqual(['x', 'x']);
    loader.confirm('y');
    expect([choiceOf(boot, name), loader.read().entries[0]?.id]).toStrictEqual(['y', 'y']);
  });
});
