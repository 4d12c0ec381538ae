import { describe, expect, it } from 'vitest';
import { memoryTree } from '../../../../tests/support/memory-package.ts';
import { fromText } from '../../../formats/bytes/index.ts';
import { lookup } from '../../../formats/tree/index.ts';
import { contentLinks } from './owned.ts';
import { relocate } from './relocate.ts';
import { restore } from './restore.ts';

const plain = memoryTree({
  '/var/lib/dpkg/status': '',
  '/var/cache/x': 'x',
  '/usr/lib/b': 'b',
  '/usr/local/bin/tool': 'tool',
  '/usr/local/bin/other': { link: 'tool' },
  '/usr/local/bin/away': { link: '../../lib/b' },
  '/usr/local/man': { link: 'share/man' },
  '/usr/local/share/man/x': 'page',
  '/srv/site/index.html': 'page',
  '/root/.bashrc': 'mine',
  '/root/shipped': 'theirs',
  '/home/kiosk/.profile': 'theirs',
  '/var/www/html/index.html': 'made by a script',
  '/var/www/html/app.php': 'app',
  '/opt/vendor/run': 'run',
});
const SHIPPED = ['/root/shipped', '/home/kiosk/.profile', '/var/www/html/app.php'];
const image = relocate(plain, path => SHIPPED.includes(path));

const shown = (path: string) => {
  const node = lookup(image, fromText(path));
  return node?.kind === 'symlink' ? `-> ${node.target}` : node?.kind;
};

describe('files of an image in directories of the machine', () => {
  it.each([
    ['/var/usrlocal/bin', 'directory'],
    ['/var/usrlocal/bin/tool', '-> ../../../usr/lib/sysimage/usrlocal/bin/tool'],
    ['/usr/lib/sysimage/usrlocal/bin/tool', 'file'],
    ['/usr/lib/sysimage/usrlocal/bin/other', '-> tool'],
    ['/usr/lib/sysimage/usrlocal/bin/away', '-> ../../../../lib/b'],
    ['/var/usrlocal/man', '-> share/man'],
    ['/var/usrlocal/share/man', 'directory'],
    ['/var/srv/site/index.html', '-> ../../../usr/lib/sysimage/srv/site/index.html'],
    ['/var/roothome/.bashrc', 'file'],
    ['/var/roothome/shipped', '-> ../../usr/lib/sysimage/roothome/shipped'],
    ['/var/home/kiosk/.profile', '-> ../../../usr/lib/sysimage/home/kiosk/.profile'],
    ['/var/www/html/index.html', 'file'],
    ['/var/www/html/app.php', '-> ../../../usr/lib/sysimage/www/html/app.php'],
  ])('%s is %s', (path, kind) => expect(shown(path)).toBe(kind));

  it('are told with the names of /opt', () => {
    const links = contentLinks(image).map(({ path, target }) => `${path} ${target}`);
    expect(links).toContain('/var/opt/vendor ../../usr/lib/opt/vendor');
    expect(links).toContain('/var/roothome/shipped ../../usr/lib/sysimage/roothome/shipped');
    expect(links).toHaveLength(9);
  });

  it('come back as they were, and stay as they are', () => {
    const back = restore(image);
    expect(lookup(back, fromText('/usr/local/bin/away'))).toMatchObject({ target: '../../lib/b' });
    expect(lookup(back, fromText('/home/kiosk/.profile'))?.kind).toBe('file');
    expect(lookup(back, fromText('/usr/lib/sysimage'))).toBeUndefined();
    expect(contentLinks(relocate(image))).toEqual(contentLinks(image));
  });
});
