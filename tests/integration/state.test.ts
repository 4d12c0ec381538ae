import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { loopFileSystem } from '../support/loop-file-system.ts';
import { aptLayer, aptLayerMust } from '../support/program.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary.ts';

/** Images so small that a build needs neither apt nor a moment. */
let directory: TemporaryDirectory;
let pristine: string;
let spec: string;

async function makeSysroot(path: string): Promise<void> {
  for (const [ref, text] of Object.entries({ one: '1\n', two: '2\n' })) {
    const root = directory.join(`root-${ref}`);
    fs.mkdirSync(`${root}/etc`, { recursive: true });
    fs.mkdirSync(`${root}/var/lib/dpkg`, { recursive: true });
    fs.writeFileSync(`${root}/etc/version`, text);
    fs.writeFileSync(`${root}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\n');
    fs.writeFileSync(`${root}/etc/group`, 'root:x:0:\n');
    fs.writeFileSync(`${root}/etc/long`, text.repeat(1000));
    fs.writeFileSync(`${root}/var/lib/dpkg/status`, '');
    await aptLayerMust(path, ['image', 'import', root, '--ref', ref]);
  }
  await aptLayerMust(path, ['compose', 'tree', spec]);
}

beforeAll(async () => {
  directory = temporaryDirectory('state');
  pristine = directory.join('pristine');
  spec = directory.join('spec.yaml');
  fs.writeFileSync(spec, 'name: web\nbase-image: local://one\nholds: [nano]\nkernel-arguments: [old=1]\n');
  await makeSysroot(pristine);
  await aptLayerMust(pristine, ['kargs', '--append', 'second=1']);
  await aptLayerMust(pristine, ['kargs', '--append', 'third=1']);
});
afterAll(() => directory[Symbol.asyncDispose]());

async function copy(name: string): Promise<string> {
  const sysroot = directory.join(name);
  await must('cp', ['--archive', pristine, sysroot]);
  return sysroot;
}

interface Listed {
  readonly id: string;
  readonly checksum: string;
}

async function deploymentsIn(sysroot: string): Promise<readonly Listed[]> {
  const status = (await aptLayerMust(sysroot, ['status', '--json'])).json();
  return (status as { deployments: Listed[] }).deployments;
}

const specOf = (sysroot: string, id: string) =>
  fs.readFileSync(`${sysroot}/state/deploy/${id}/spec.yaml`, 'utf8');

/** Numbers from 0 to 1 that are the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('changes at once', () => {
  const edits = [
    ['kargs', '--append', 'new=1'],
    ['kargs', '--delete', 'old=1'],
    ['hold', 'vim'],
    ['unhold', 'nano'],
    ['rebase', 'local://two'],
  ];

  it.each(Array.from({ length: 10 }, (_, round) => round))('all take effect, round %i', async round => {
    const sysroot = await copy(`edits-${round}`);
    const random = seeded(round + 1);
    const results = await Promise.all(
      edits
        .map(args => ({ args, order: random(), delay: random() * 200 }))
        .sort((a, b) => a.order - b.order)
        .map(async ({ args, delay }) => {
          await sleep(delay);
          return aptLayer(sysroot, [...args, '--wait', '300']);
        }),
    );
    expect(results.map(one => [one.code, one.code === 0 ? '' : one.stderr])).toEqual(
      edits.map(() => [0, '']),
    );
    const deployments = await deploymentsIn(sysroot);
    expect(deployments).toHaveLength(3 + edits.length);
    const text = specOf(sysroot, deployments[0]?.id ?? '');
    for (const part of ['new=1', 'second=1', 'third=1', 'vim', 'local://two']) expect(text).toContain(part);
    for (const part of ['old=1', 'nano', 'local://one']) expect(text).not.toContain(part);
    fs.rmSync(sysroot, { recursive: true });
  });

  it('do not block readers, which see old or new', async () => {
    const sysroot = await copy('readers');
    const before = await deploymentsIn(sysroot);
    const change = aptLayerMust(sysroot, ['hold', 'vim']);
    let isRunning = true;
    const ended = change.finally(() => {
      isRunning = false;
    });
    const seen = new Set<number>();
    do seen.add((await deploymentsIn(sysroot)).length);
    while (isRunning);
    await ended;
    for (const count of seen) expect([before.length, before.length + 1]).toContain(count);
    expect(await deploymentsIn(sysroot)).toHaveLength(before.length + 1);
  });
});

describe('kargs --editor', () => {
  const editor = (name: string, lines: readonly string[]) => {
    const path = directory.join(name);
    fs.writeFileSync(path, ['#!/bin/sh', 'set -e', ...lines, ''].join('\n'), { mode: 0o755 });
    return { env: { EDITOR: path, VISUAL: path } };
  };
  const shown = async (sysroot: string) => (await aptLayerMust(sysroot, ['kargs'])).stdout;

  it('takes the list as it was left', async () => {
    const sysroot = await copy('editor');
    const options = editor('edit', ['cat "$1"', 'printf \'second=1\\nname="a b"\\n\' >"$1"']);
    await aptLayerMust(sysroot, ['kargs', '--editor'], options);
    const [first] = await deploymentsIn(sysroot);
    expect(specOf(sysroot, first?.id ?? '')).toMatch(
      /kernel-arguments:\n {2}- second=1\n {2}- name="a b"\n$/,
    );
  });

  it('loses no change that was made meanwhile', async () => {
    const sysroot = await copy('editor-late');
    const options = editor('edit-late', [
      `${process.execPath} bin/apt-layer --sysroot ${sysroot} kargs --append meanwhile=1`,
      'echo mine=1 >>"$1"',
    ]);
    const { code, stderr } = await aptLayer(sysroot, ['kargs', '--editor'], options);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('they are now: old=1 second=1 third=1 meanwhile=1'),
    ]);
    expect(stderr).toContain('what you wrote was: old=1 second=1 third=1 mine=1');
    const after = await shown(sysroot);
    expect([after.includes('meanwhile=1'), after.includes('mine=1')]).toEqual([true, false]);
  });
});

describe('a leftover that cannot be removed', () => {
  it('because it is immutable or append-only goes all the same', async () => {
    await using disk = await loopFileSystem('ext4', 32 * 2 ** 20);
    const sysroot = `${disk.path}/sysroot`;
    await must('cp', ['--archive', pristine, sysroot]);
    const [, , old] = await deploymentsIn(sysroot);
    const etc = `${sysroot}/state/deploy/${old?.id}/etc`;
    await must('chattr', ['+i', `${etc}/version`]);
    await must('chattr', ['+a', etc]);
    const { code, stderr } = await aptLayer(sysroot, ['cleanup', '--keep', '1']);
    expect([code, stderr.includes('could not be removed')]).toEqual([0, false]);
    expect(fs.readdirSync(`${sysroot}/state/deploy`)).toHaveLength(2);
    await aptLayerMust(sysroot, ['kargs', '--append', 'after=1']);
  });

  it('because something is mounted below is a warning, and stops nothing', async () => {
    const sysroot = await copy('mounted');
    const [, , old] = await deploymentsIn(sysroot);
    const point = `${sysroot}/state/deploy/${old?.id}/etc/mounted`;
    fs.mkdirSync(point);
    await must('mount', ['-t', 'tmpfs', 'tmpfs', point]);
    try {
      const { code, stderr } = await aptLayer(sysroot, ['cleanup', '--keep', '1']);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/etc\/mounted could not be removed and stays: it is a mount point/);
      for (const args of [['kargs', '--append', 'after=1'], ['rollback'], ['pin', '0'], ['cleanup']])
        await aptLayerMust(sysroot, args);
    } finally {
      await must('bash', [
        '-c',
        `umount ${sysroot}/state/deploy/.tmp-${old?.id}/etc/mounted || umount ${point}`,
      ]);
    }
    await aptLayerMust(sysroot, ['kargs', '--append', 'later=1']);
    expect(fs.readdirSync(`${sysroot}/state/deploy`).filter(name => name.startsWith('.tmp-'))).toEqual([]);
  });

  it('because its writer was killed goes with the next change', async () => {
    const sysroot = await copy('killed');
    const [first] = await deploymentsIn(sysroot);
    const leftovers = [`state/deploy/${first?.id}/.tmp-1-x-1`, 'state/deploy/.tmp-x', 'state/.tmp-1-x-2'];
    for (const path of leftovers) fs.writeFileSync(`${sysroot}/${path}`, '');
    fs.symlinkSync('nowhere', `${sysroot}/composefs/images/refs/deployment/.tmp-1-x-3`);
    await aptLayerMust(sysroot, ['cleanup']);
    const left = fs.readdirSync(sysroot, { recursive: true, encoding: 'utf8' });
    expect(left.filter(name => name.includes('.tmp-'))).toEqual([]);
  });
});

describe('an install that was killed', () => {
  it('is recognised in the target, with what to do', async () => {
    await using disk = await loopFileSystem('ext4', 64 * 2 ** 20);
    const install = ['install', 'to-filesystem', disk.path, '--bootloader', 'none'];
    const killed = await aptLayer(pristine, install, { env: { APT_LAYER_FAULT: 'die:60' } });
    expect(killed.code).not.toBe(0);
    const left = fs.readdirSync(disk.path).filter(name => name !== 'lost+found');
    expect(left).toEqual(expect.arrayContaining(['composefs', 'state']));
    const again = await aptLayer(pristine, install);
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(/has what an install left that did not end \(begun \d.*\): .*composefs, state/),
    ]);
    const [, paths = ''] = /remove that \(([^)]*)\)/.exec(again.stderr) ?? [];
    await must('rm', ['-r', ...paths.split(' ')]);
    await aptLayerMust(pristine, install);
    // What ended well is something else.
    const used = await aptLayer(pristine, install);
    expect(used.stderr).toContain(`apt-layer --sysroot ${disk.path}`);
  });
});

describe('state that cannot be read', () => {
  it.each(['boot.json', 'staged.json', 'bad-images.json', 'version'])(
    '%s: everything goes on, and status says so',
    async name => {
      const sysroot = await copy(`damaged-${name}`);
      const [, second] = await deploymentsIn(sysroot);
      fs.writeFileSync(`${sysroot}/state/${name}`, 'garbage');
      const { stdout } = await aptLayerMust(sysroot, ['status']);
      expect(stdout).toContain(`Damaged: ${name}`);
      expect(stdout).toMatch(/written anew|writes it anew/);
      for (const args of [
        ['log'],
        ['deploy', second?.id ?? ''],
        ['rollback'],
        ['kargs', '--append', 'after=1'],
        ['hold', 'vim'],
        ['cleanup'],
        ['reset'],
      ])
        await aptLayerMust(sysroot, args);
      if (name === 'boot.json' || name === 'version')
        expect((await aptLayerMust(sysroot, ['status'])).stdout).not.toContain('Damaged');
    },
  );

  it('the lock of the first deployment: it is edited, reset and compared all the same', async () => {
    const sysroot = await copy('damaged-lock');
    const [first] = await deploymentsIn(sysroot);
    fs.writeFileSync(
      `${sysroot}/state/deploy/${first?.id}/lock.json`,
      '{"version":1,"packages":[{"uri":"x y"}]}',
    );
    const held = await aptLayerMust(sysroot, ['hold', 'vim']);
    expect(held.stderr).toContain(`the lock of ${first?.id} cannot be read`);
    // What was made has one that can be.
    expect((await aptLayerMust(sysroot, ['unhold', 'vim'])).stderr).not.toContain('cannot be read');
  });

  it('the spec of the first deployment: the error says how to get on, and that does', async () => {
    const sysroot = await copy('damaged-spec');
    const [first, second] = await deploymentsIn(sysroot);
    fs.writeFileSync(`${sysroot}/state/deploy/${first?.id}/spec.yaml`, ': [');
    const refused = await aptLayer(sysroot, ['hold', 'vim']);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(`the spec of ${first?.id} cannot be read`);
    expect(refused.stderr).toContain('apt-layer deploy ID');
    await aptLayerMust(sysroot, ['compose', 'tree', spec]);
    await aptLayerMust(sysroot, ['deploy', second?.id ?? '']);
    await aptLayerMust(sysroot, ['hold', 'vim']);
  });

  it('the record of another deployment: nothing of it is removed, all else goes on', async () => {
    const sysroot = await copy('damaged-record');
    const [, , old] = await deploymentsIn(sysroot);
    fs.writeFileSync(`${sysroot}/state/deploy/${old?.id}/deployment.json`, 'garbage');
    for (const args of [['hold', 'vim'], ['rollback'], ['cleanup', '--keep', '1'], ['reset']])
      await aptLayerMust(sysroot, args);
    expect(fs.existsSync(`${sysroot}/state/deploy/${old?.id}/etc/version`)).toBe(true);
    expect(fs.existsSync(`${sysroot}/composefs/images/refs/deployment/${old?.id}`)).toBe(true);
    const checked = await aptLayer(sysroot, ['fsck']);
    expect([checked.code, checked.stdout.includes(`${old?.id}: `)]).toEqual([6, true]);
  });
});

describe('what is in use', () => {
  it('is known from records as well as from refs, which are made again', async () => {
    const sysroot = await copy('no-links');
    await must('find', [`${sysroot}/composefs`, '-type', 'l', '-delete']);
    expect((await aptLayer(sysroot, ['fsck'])).code).toBe(6);
    const { stderr } = await aptLayerMust(sysroot, ['cleanup']);
    expect(stderr).toContain('names of images that were lost are there again');
    const checked = await aptLayer(sysroot, ['fsck']);
    expect(checked.code, checked.stdout).toBe(0);
    expect(fs.readdirSync(`${sysroot}/composefs/images/refs/deployment`)).toHaveLength(2);
  });

  it('is not nothing because the state is gone', async () => {
    const sysroot = await copy('no-state');
    const objects = () => fs.readdirSync(`${sysroot}/composefs/objects`, { recursive: true }).length;
    const before = objects();
    fs.rmSync(`${sysroot}/state`, { recursive: true });
    fs.mkdirSync(`${sysroot}/state`);
    for (let round = 0; round < 2; round++) {
      const refused = await aptLayer(sysroot, ['cleanup']);
      expect(refused.code).toBe(6);
      expect(refused.stderr).toContain('the state could not be read');
      expect(objects()).toBe(before);
      expect(fs.readdirSync(`${sysroot}/composefs/images/refs/deployment`)).toHaveLength(3);
    }
  });
});

describe('fsck', () => {
  it('finds an image that leads to another one, and a deployment without /etc', async () => {
    const sysroot = await copy('links');
    const images = `${sysroot}/composefs/images`;
    const digests = fs.readdirSync(images).filter(name => name !== 'refs');
    const [one = '', two = ''] = digests;
    fs.rmSync(`${images}/${one}`);
    fs.symlinkSync(fs.readlinkSync(`${images}/${two}`), `${images}/${one}`);
    const [first] = await deploymentsIn(sysroot);
    fs.rmSync(`${sysroot}/state/deploy/${first?.id}/etc`, { recursive: true });
    const { code, stdout } = await aptLayer(sysroot, ['fsck']);
    expect(code).toBe(6);
    expect(stdout).toContain(`images/${one} points at`);
    expect(stdout).toContain(`${first?.id}: it has no /etc`);
  });

  it('takes no lock and writes nothing, also on a file system that is read-only', async () => {
    await using disk = await loopFileSystem('ext4', 32 * 2 ** 20);
    const sysroot = `${disk.path}/sysroot`;
    await must('cp', ['--archive', pristine, sysroot]);
    const count = () => fs.readdirSync(`${sysroot}/state/transactions`).length;
    const before = count();
    await must('flock', [
      `${sysroot}/state/lock`,
      process.execPath,
      'bin/apt-layer',
      '--sysroot',
      sysroot,
      'fsck',
    ]);
    await must('mount', ['-o', 'remount,ro', disk.path]);
    await aptLayerMust(sysroot, ['fsck']);
    expect(count()).toBe(before);
  });
});

describe('names of images', () => {
  it('that the program gives itself are refused by everything that takes one', async () => {
    const sysroot = await copy('names');
    const layout = `oci:${directory.join('names-layout')}`;
    await aptLayerMust(sysroot, ['export', 'local://one', layout]);
    const verbs = [
      ['image', 'import', directory.join('root-one')],
      ['import', layout],
      ['pull', layout],
      ['compose', 'tree', '--no-deploy', spec],
    ];
    for (const verb of verbs) {
      for (const name of ['apt/trixie-0', 'apt', 'deployment/web', 'kept-base/x', 'oci/layer/x']) {
        const refused = await aptLayer(sysroot, [...verb, '--ref', name]);
        expect([verb, name, refused.code, refused.stderr.includes("the program's own")]).toEqual([
          ...[verb, name, 2, true],
        ]);
      }
      for (const name of ['@x', '0'.repeat(64), '../x'])
        expect([verb, name, (await aptLayer(sysroot, [...verb, '--ref', name])).code]).toEqual([
          verb,
          name,
          2,
        ]);
      // Of `one` and `one/more` there can be one.
      const taken = await aptLayer(sysroot, [...verb, '--ref', 'one/more']);
      expect([verb, taken.code, taken.stderr]).toEqual([
        verb,
        1,
        expect.stringContaining('there is base/one'),
      ]);
    }
    await aptLayerMust(sysroot, ['image', 'import', directory.join('root-one'), '--ref', 'my/apt']);
    const below = await aptLayer(sysroot, ['import', layout, '--ref', 'my']);
    expect([below.code, below.stderr]).toEqual([1, expect.stringContaining('there is base/my/apt')]);
  });
});

describe('inputs with equal bytes', () => {
  it('keep their own names', async () => {
    const sysroot = await copy('equal');
    for (const name of ['a.conf', 'b.conf']) fs.writeFileSync(directory.join(name), 'same\n');
    const file = directory.join('equal.yaml');
    const files = ['a', 'b'].map(name => `{path: /etc/${name}.conf, source: ./${name}.conf}`).join(', ');
    fs.writeFileSync(file, `name: web\nbase-image: local://one\nfiles: [${files}]\n`);
    await aptLayerMust(sysroot, ['compose', 'tree', file]);
    await aptLayerMust(sysroot, ['rebase', 'local://two']);
    const [first] = await deploymentsIn(sysroot);
    for (const name of ['a', 'b'])
      expect(fs.readFileSync(`${sysroot}/state/deploy/${first?.id}/etc/${name}.conf`, 'utf8')).toBe('same\n');
  });
});

describe('a full disk', () => {
  it('is emptied by cleanup, and lets small changes through', async () => {
    await using disk = await loopFileSystem('ext4', 64 * 2 ** 20);
    const sysroot = `${disk.path}/sysroot`;
    await must('cp', ['--archive', pristine, sysroot]);
    await aptLayerMust(sysroot, ['pin', '2']);
    await aptLayer(sysroot, ['image', 'import', directory.join('root-one')]);
    const fill = () => must('bash', ['-c', `cat /dev/zero > ${disk.path}/filler || true; sync`]);
    for (const args of [
      ['cleanup'],
      ['rollback'],
      ['unpin', '2'],
      ['kargs', '--append', 'after=1'],
      ['cleanup', '--keep', '1'],
    ]) {
      await fill();
      const { code, stderr } = await aptLayer(sysroot, args);
      expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
      for (const reading of ['status', 'log', 'fsck']) await aptLayerMust(sysroot, [reading]);
      fs.rmSync(`${disk.path}/filler`);
      // What was used is kept anew.
      await aptLayerMust(sysroot, ['pin', '0']);
    }
  });
});
