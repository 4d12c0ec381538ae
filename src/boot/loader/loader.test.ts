import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../../tests/support/host.ts';
import { createSys, parseFault } from '../../sys/index.ts';
import { entryName, inLoaderOrder, parseEntryName } from './entry-name.ts';
import { parseEnvironmentBlock, serializeEnvironmentBlock } from './environment-block.ts';
import { parseFragment } from './grub-fragment.ts';
import { type Loader, type LoaderEntry, openLoader } from './index.ts';
import { plainArgument, quotedArgument } from './words.ts';

const { sys } = testHost();
const NAMES = ['systemd-boot', 'grub'] as const;

/** An entry whose kernel and initramfs are files of their own content. */
function entryOf(directory: string, id: string, kernel = id): LoaderEntry {
  const file = (kind: string) => {
    const path = `${directory}/source-${kind}-${kernel}`;
    fs.writeFileSync(path, `${kind} of ${kernel}`.padEnd(5000, '.'));
    const digest = Buffer.from(`${kernel}${kind}`).toString('hex').padEnd(64, '0');
    return { digest, size: 5000, path };
  };
  const words = ['root=UUID=1', `aptlayer.deployment=${id}`, 'dyndbg="file a +p"'];
  return {
    id,
    title: `It's "Debian" $x (${id})`,
    kernel: file('vmlinuz'),
    initrd: file('initrd'),
    arguments: words,
  };
}

function withBoot(action: (boot: string, entry: (id: string, kernel?: string) => LoaderEntry) => void): void {
  using scratch = scratchDirectory();
  const boot = `${scratch.path}/boot`;
  fs.mkdirSync(boot);
  action(boot, (id, kernel) => entryOf(scratch.path, id, kernel));
}

const ids = (loader: Loader) => loader.read().entries.map(one => one.id);

/** The kernels that the text of an entry names, which must be there with all their bytes. */
function assertBootable(boot: string, name: (typeof NAMES)[number]): void {
  const files =
    name === 'grub'
      ? [`${boot}/grub/custom.cfg`]
      : fs
          .readdirSync(`${boot}/loader/entries`)
          .filter(file => parseEntryName(file) !== undefined)
          .map(file => `${boot}/loader/entries/${file}`);
  for (const file of files)
    for (const [kernel] of fs.readFileSync(file, 'utf8').matchAll(/apt-layer\/(vmlinuz|initrd)-[0-9a-f]+/g))
      expect(fs.statSync(`${boot}/${kernel}`).size).toBe(5000);
}

describe.each(NAMES)('%s', name => {
  const open = (boot: string, parts = sys) => openLoader(parts, name, boot, { bootPrefix: '' });

  it('has the entries that were written, in their order', () => {
    withBoot((boot, entry) => {
      const loader = open(boot);
      expect(loader.read().entries).toStrictEqual([]);
      loader.write([entry('web-1')], undefined);
      loader.write([entry('web-2'), entry('web-1')], 3);
      expect(loader.read().entries).toStrictEqual([
        { id: 'web-2', triesLeft: 3, triesDone: 0 },
        { id: 'web-1', triesLeft: undefined, triesDone: 0 },
      ]);
      loader.confirm('web-2');
      expect(loader.read().entries[0]).toStrictEqual({ id: 'web-2', triesLeft: undefined, triesDone: 0 });
      loader.write([entry('web-1'), entry('web-2')], undefined);
      expect(ids(loader)).toStrictEqual(['web-1', 'web-2']);
      assertBootable(boot, name);
    });
  });

  it('stores a kernel once, and drops those that nobody needs', () => {
    withBoot((boot, entry) => {
      const loader = open(boot);
      const kernels = () => fs.readdirSync(`${boot}/apt-layer`).length;
      loader.write([entry('web-2', 'one'), entry('web-1', 'one')], undefined);
      expect(kernels()).toBe(2);
      loader.write([entry('web-3', 'two'), entry('web-2', 'one')], undefined);
      expect(kernels()).toBe(4);
      loader.write([entry('web-3', 'two')], undefined);
      expect([kernels(), ids(loader)]).toStrictEqual([2, ['web-3']]);
    });
  });

  it('leaves what is not its own', () => {
    withBoot((boot, entry) => {
      fs.mkdirSync(`${boot}/loader/entries`, { recursive: true });
      fs.writeFileSync(`${boot}/loader/entries/debian.conf`, 'title Debian\n');
      fs.writeFileSync(`${boot}/loader/loader.conf`, 'timeout 3\n');
      fs.writeFileSync(`${boot}/vmlinuz-6.1`, 'x');
      open(boot).write([entry('web-1')], undefined);
      open(boot).write([entry('web-2')], 2);
      expect(fs.readFileSync(`${boot}/loader/entries/debian.conf`, 'utf8')).toBe('title Debian\n');
      expect(fs.readFileSync(`${boot}/loader/loader.conf`, 'utf8')).toBe('timeout 3\n');
      expect(fs.existsSync(`${boot}/vmlinuz-6.1`)).toBe(true);
      expect(ids(open(boot))).toStrictEqual(['web-2']);
    });
  });

  it('counts only what is not there in the space it needs', () => {
    withBoot((boot, entry) => {
      const loader = open(boot);
      const before = loader.space([entry('web-1')]);
      expect(before).toMatchObject({ missing: 0, missingAfterPruning: 0 });
      loader.write([entry('web-1')], undefined);
      expect(loader.space([entry('web-1')]).needed).toBe(before.needed - 2 * 8192);
    });
  });

  it('boots the old or the new first entry, whichever call fails', () => {
    for (let n = 1; ; n += 1) {
      let failed = false;
      withBoot((boot, entry) => {
        open(boot).write([entry('web-1')], undefined);
        open(boot).write([entry('web-2'), entry('web-1')], 3);
        const faulty = createSys(parseFault(`eio:${n}`));
        try {
          open(boot, faulty).write([entry('web-3', 'three'), entry('web-2')], 3);
        } catch {
          failed = true;
        }
        expect(['web-2', 'web-3']).toContain(ids(open(boot))[0]);
        assertBootable(boot, name);
        open(boot).write([entry('web-3', 'three'), entry('web-2')], 3);
        expect(ids(open(boot))).toStrictEqual(['web-3', 'web-2']);
        assertBootable(boot, name);
      });
      if (!failed) {
        expect(n).toBeGreaterThan(8);
        return;
      }
    }
  });
});

describe('systemd-boot', () => {
  it('tries what has no attempts left last', () => {
    withBoot((boot, entry) => {
      const loader = openLoader(sys, 'systemd-boot', boot, { bootPrefix: '' });
      loader.write([entry('web-1')], undefined);
      loader.write([entry('web-2'), entry('web-1')], 3);
      const directory = `${boot}/loader/entries`;
      fs.renameSync(`${directory}/apt-layer-2-web-2+3.conf`, `${directory}/apt-layer-2-web-2+0-3.conf`);
      expect(loader.read().entries).toStrictEqual([
        { id: 'web-1', triesLeft: undefined, triesDone: 0 },
        { id: 'web-2', triesLeft: 0, triesDone: 3 },
      ]);
    });
  });

  it('reads the names that it writes, and no others', () => {
    const name = fc.record({
      serial: fc.nat(),
      id: fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}-\d{8}-\d{6}$/),
      triesLeft: fc.option(fc.nat(99), { nil: undefined }),
      triesDone: fc.constant(0),
    });
    fc.assert(
      fc.property(name, entry => {
        expect(parseEntryName(entryName(entry))).toStrictEqual({ ...entry });
      }),
    );
    fc.assert(fc.property(fc.string(), text => void parseEntryName(text)));
    expect(parseEntryName('debian.conf')).toBeUndefined();
    expect(inLoaderOrder([{ serial: 1, id: 'a', triesLeft: undefined, triesDone: 0 }])).toHaveLength(1);
  });
});

describe('systemd-boot, with names that others made', () => {
  const open = (boot: string, efiVariables?: string) =>
    openLoader(sys, 'systemd-boot', boot, {
      bootPrefix: '',
      ...(efiVariables === undefined ? {} : { efiVariables }),
    });

  it('leaves directories and serials that nobody counts to alone', () => {
    withBoot((boot, entry) => {
      const directory = `${boot}/loader/entries`;
      fs.mkdirSync(`${directory}/apt-layer-5-z.conf`, { recursive: true });
      fs.writeFileSync(`${directory}/apt-layer-999999999999999-y.conf`, 'title x\n');
      open(boot).write([entry('web-1')], undefined);
      open(boot).write([entry('web-2'), entry('web-1')], undefined);
      expect(open(boot).read()).toMatchObject({
        entries: [{ id: 'web-2' }, { id: 'web-1' }],
        foreign: ['apt-layer-999999999999999-y.conf'],
      });
      expect(fs.readdirSync(directory)).toHaveLength(4);
    });
  });

  it('takes no name that something else has', () => {
    withBoot((boot, entry) => {
      const directory = `${boot}/loader/entries`;
      fs.mkdirSync(`${directory}/apt-layer-1-web-1.conf`, { recursive: true });
      open(boot).write([entry('web-1')], undefined);
      expect(fs.readdirSync(directory)).toStrictEqual(['apt-layer-1-web-1.conf', 'apt-layer-2-web-1.conf']);
    });
  });

  it('changes nothing when no serial is left', () => {
    withBoot((boot, entry) => {
      const directory = `${boot}/loader/entries`;
      fs.mkdirSync(directory, { recursive: true });
      fs.writeFileSync(`${directory}/apt-layer-999999999999-z.conf`, 'title x\n');
      expect(() => open(boot).write([entry('web-1')], undefined)).toThrow(
        /no serial is left above that of .*-z\.conf/,
      );
      expect(fs.readdirSync(boot)).toStrictEqual(['loader']);
      expect(fs.readdirSync(directory)).toStrictEqual(['apt-layer-999999999999-z.conf']);
    });
  });

  it('boots an entry once by a variable of the firmware', () => {
    withBoot((boot, entry) => {
      const variables = `${boot}/efivars`;
      fs.mkdirSync(variables);
      open(boot).write([entry('web-2'), entry('web-1')], undefined);
      open(boot, variables).once('web-1');
      const [name = ''] = fs.readdirSync(variables);
      expect(name).toMatch(/^LoaderEntryOneShot-[0-9a-f-]{36}$/);
      const value = fs.readFileSync(`${variables}/${name}`);
      expect(value.readUInt32LE()).toBe(7);
      expect(value.subarray(4).toString('utf16le')).toBe('apt-layer-1-web-1*.conf\0');
      expect(() => open(boot, `${boot}/nothing`).once('web-1')).toThrow(/not started by UEFI/);
      open(boot, variables).once('web-2');
      expect(fs.readFileSync(`${variables}/${name}`).subarray(4).toString('utf16le')).toContain('web-2*');
      const unlink = () => {
        throw Object.assign(new Error('protected'), { code: 'EPERM' });
      };
      const guarded = openLoader({ ...sys, unlink }, 'systemd-boot', boot, {
        ...{ bootPrefix: '', efiVariables: variables },
      });
      expect(() => guarded.once('web-1')).toThrow(/earlier choice that cannot be removed/);
    });
  });
});

describe('arguments', () => {
  it.each([
    ['a=b', 'a=b', 'a=b'],
    ['a b', '"a b"', 'a b'],
    ['x=a b', 'x="a b"', 'x=a b'],
    ['dyndbg="file a +p"', 'dyndbg="file a +p"', 'dyndbg=file a +p'],
    ['"x=a b"', 'x="a b"', 'x=a b'],
    ['x="a"', 'x=a', 'x=a'],
    ['x=a"b', 'x=a"b', 'x=a"b'],
    ['x=a\nb', 'x="a b"', 'x=a b'],
  ])('%j reach the kernel as %s', (word, quoted, plain) => {
    expect(quotedArgument(word)).toBe(quoted);
    expect(plainArgument(word)).toBe(plain);
  });
});

describe('GRUB', () => {
  it('keeps a custom.cfg that was there, and reads it', () => {
    withBoot((boot, entry) => {
      fs.mkdirSync(`${boot}/grub`);
      fs.writeFileSync(`${boot}/grub/custom.cfg`, "menuentry 'Mine' { true }\n");
      const loader = openLoader(sys, 'grub', boot, { bootPrefix: '' });
      loader.write([entry('web-1')], undefined);
      loader.write([entry('web-2')], 3);
      expect(fs.readFileSync(`${boot}/grub/custom.cfg.before-apt-layer`, 'utf8')).toContain('Mine');
      expect(fs.readFileSync(`${boot}/grub/custom.cfg`, 'utf8')).toMatch(
        /source \$\{prefix\}\/custom\.cfg\.before-apt-layer/,
      );
      fs.writeFileSync(`${boot}/grub/custom.cfg`, 'set x=1\n');
      expect(() => loader.write([entry('web-1')], undefined)).toThrow(/is not apt-layer's/);
    });
  });

  it('never leaves the boot directory without the custom.cfg that was there', () => {
    for (let n = 1; ; n += 1) {
      let count = 0;
      const cut = () => {
        count += 1;
        if (count >= n) throw new Error('cut');
      };
      withBoot((boot, entry) => {
        fs.mkdirSync(`${boot}/grub`);
        fs.writeFileSync(`${boot}/grub/custom.cfg`, "menuentry 'Mine' { true }\n", { mode: 0o600 });
        const faulty = {
          ...sys,
          rename(from: string, to: string) {
            cut();
            sys.rename(from, to);
          },
          fsync(fd: number) {
            cut();
            sys.fsync(fd);
          },
        } as typeof sys;
        const write = (parts: typeof sys) =>
          openLoader(parts, 'grub', boot, { bootPrefix: '' }).write([entry('web-1')], undefined);
        try {
          write(faulty);
        } catch (error) {
          expect((error as Error).message).toBe('cut');
        }
        const text = fs.readFileSync(`${boot}/grub/custom.cfg`, 'utf8');
        expect(text.includes('Mine') || text.includes('custom.cfg.before-apt-layer')).toBe(true);
        write(sys);
        const kept = `${boot}/grub/custom.cfg.before-apt-layer`;
        expect([fs.readFileSync(kept, 'utf8'), fs.statSync(kept).mode & 0o777]).toEqual([
          "menuentry 'Mine' { true }\n",
          0o600,
        ]);
      });
      if (count < n) break;
    }
  });

  it('boots an entry once, and forgets that with no other change', () => {
    withBoot((boot, entry) => {
      const loader = openLoader(sys, 'grub', boot, { bootPrefix: '' });
      loader.write([entry('web-2'), entry('web-1')], 3);
      loader.once('web-1');
      loader.confirm('web-2');
      const block = execFileSync('grub-editenv', [`${boot}/grub/apt-layer.env`, 'list'], {
        encoding: 'utf8',
      });
      expect(block).toBe('apt_layer_once=web-1\n');
      expect(() => loader.once('web-9')).toThrow(/no entry/);
      loader.write([entry('web-3'), entry('web-2')], 3);
      expect(fs.readFileSync(`${boot}/grub/apt-layer.env`, 'latin1')).not.toContain('once');
    });
  });

  it('takes a choice for one boot only where it has an entry of it', () => {
    withBoot((boot, entry) => {
      openLoader(sys, 'grub', boot, { bootPrefix: '' }).write([entry('web-2'), entry('web-1')], 3);
      const text = fs.readFileSync(`${boot}/grub/custom.cfg`, 'utf8');
      const once = text.slice(text.indexOf('if [ -n '), text.indexOf('menuentry'));
      expect(once.split('\n').map(line => line.trim())).toStrictEqual([
        `if [ -n "\${apt_layer_once}" ]; then`,
        `if [ "\${apt_layer_once}" = 'web-2' ]; then`,
        "set default='apt-layer-web-2'",
        `elif [ "\${apt_layer_once}" = 'web-1' ]; then`,
        "set default='apt-layer-web-1'",
        ...['fi', 'set apt_layer_once='],
        `save_env --file \${prefix}/apt-layer.env apt_layer_once`,
        ...['fi', 'fi', ''],
      ]);
    });
  });

  it('looks for its files where the configuration searched for something else last', () => {
    withBoot((boot, entry) => {
      openLoader(sys, 'grub', boot, { bootPrefix: '/boot' }).write([entry('web-1')], undefined);
      expect(fs.readFileSync(`${boot}/grub/custom.cfg`, 'utf8')).toMatch(
        /if \[ ! -f (\/boot\/apt-layer\/vmlinuz-\w+) \]; then\n {4}search --no-floppy --set=root --file \1\n/,
      );
    });
  });

  it('finds a place for each new counter, however many were never confirmed', () => {
    withBoot((boot, entry) => {
      const loader = openLoader(sys, 'grub', boot, { bootPrefix: '' });
      const all = Array.from({ length: 12 }, (_, index) => entry(`web-${index}`, 'one'));
      for (let count = 1; count <= all.length; count += 1) {
        loader.write(all.slice(0, count).reverse(), 3);
        expect(loader.read().entries[0]).toMatchObject({ id: `web-${count - 1}`, triesLeft: 3 });
      }
      const { counters } = parseFragment(fs.readFileSync(`${boot}/grub/custom.cfg`, 'utf8'));
      expect(new Set(counters.map(one => one.slot)).size).toBe(7);
      execFileSync('grub-script-check', [`${boot}/grub/custom.cfg`]);
    });
  });

  it('is given a script that it can read, and falls back once there are no attempts left', () => {
    withBoot((boot, entry) => {
      const loader = openLoader(sys, 'grub', boot, { bootPrefix: '/boot' });
      loader.write([entry('web-2'), entry('web-1')], 3);
      const script = `${boot}/grub/custom.cfg`;
      execFileSync('grub-script-check', [script]);
      const text = fs.readFileSync(script, 'utf8');
      expect(text).toContain(`menuentry 'It'\\''s "Debian" $x (web-2)' --id 'apt-layer-web-2' {`);
      expect(parseFragment(text)).toStrictEqual({
        ids: ['web-2', 'web-1'],
        counters: [{ id: 'web-2', slot: 'a' }],
      });
      const block = `${boot}/grub/apt-layer.env`;
      execFileSync('grub-editenv', [block, 'set', 'apt_layer_left_a=0']);
      expect(loader.read().entries).toStrictEqual([
        { id: 'web-1', triesLeft: undefined, triesDone: 0 },
        { id: 'web-2', triesLeft: 0, triesDone: 3 },
      ]);
    });
  });

  it('has an environment block that grub-editenv reads, and takes any bytes for one', () => {
    const variables = new Map([['apt_layer_left_a', '2']]);
    const block = serializeEnvironmentBlock(variables);
    expect(block).toHaveLength(1024);
    expect(parseEnvironmentBlock(block)).toStrictEqual(variables);
    fc.assert(fc.property(fc.uint8Array(), bytes => void parseEnvironmentBlock(Buffer.from(bytes))));
    fc.assert(fc.property(fc.string(), text => void parseFragment(text)));
  });
});
