import { describe, expect, it } from 'vitest';
import { directory, memoryTree } from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { withDkmsPlace } from './dkms-place.ts';

const SETTING = '/etc/dkms/framework.conf.d/apt-layer.conf';
const SETTINGS = { '/etc/dkms/framework.conf.d': directory() };
const LINK = { '/var/lib/dkms': { link: '../../usr/lib/sysimage/dkms' } };

const stored = new Map<string, string>();
const put = (bytes: Buffer) => {
  stored.set('setting', bytes.toString());
  return 'setting';
};
const settingOf = (tree: Tree) => {
  const node = lookup(withDkmsPlace(tree, { put }), fromText(SETTING));
  return node?.kind === 'file' && node.content.kind === 'object'
    ? stored.get(node.content.digest)
    : undefined;
};

describe('the place of the state of DKMS', () => {
  it('is told to a dkms whose state is behind a link', () => {
    expect(settingOf(memoryTree({ ...SETTINGS, ...LINK }))).toContain(
      'dkms_tree=$(readlink -f /var/lib/dkms)',
    );
  });

  it('is not told where there is no dkms, or one that reads no such settings', () => {
    expect(settingOf(memoryTree(LINK))).toBeUndefined();
    expect(settingOf(memoryTree(SETTINGS))).toBeUndefined();
  });

  it('is forgotten when the state went with its package', () => {
    const tree = withDkmsPlace(memoryTree({ ...SETTINGS, [SETTING]: 'of the base' }), { put });
    expect(lookup(tree, fromText(SETTING))).toBeUndefined();
  });

  it('is the same when it is told again', () => {
    const once = withDkmsPlace(memoryTree({ ...SETTINGS, ...LINK }), { put });
    expect(withDkmsPlace(once, { put })).toStrictEqual(once);
  });
});
