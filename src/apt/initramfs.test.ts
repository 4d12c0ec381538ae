import { describe, expect, it } from 'vitest';
import { namesInListing } from './initramfs.ts';

describe('a listing of lsinitrd', () => {
  it.each([
    ['-rwxr-xr-x   1 root     root         1870 Feb  1  2025 var/lib/x y.sh', ['var/lib/x y.sh']],
    ['lrwxrwxrwx   1 root     root           11 Apr 11 09:30 var/lock -> ../run/lock', ['var/lock']],
    ['-rw-r--r--   1 root     root            1 Apr 11  2025 a -> b', ['a -> b']],
    ['crw-r--r--   1 root     root       5,   1 Apr 11  2025 dev/console', ['dev/console']],
    ['drwxr-xr-x root/root               123 2025-04-11 09:30 squashfs-root/usr/bin', ['usr/bin']],
    [
      '  1234      4 -rw-r--r--   1 root     root         2025 Apr 11  2025 erofs-root/etc/passwd',
      ['etc/passwd'],
    ],
    ['Image: /boot/initrd.img-1: 25M', []],
    ['========', []],
    ['systemd-udevd', []],
    ["Arguments:  --force --kver '6.12'", []],
  ])('%s', (line, names) => expect(namesInListing(line)).toEqual(names));
});
