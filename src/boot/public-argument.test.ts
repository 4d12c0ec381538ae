import { expect, it } from 'vitest';
import { publicArgument } from './public-argument.ts';

it.each([
  ['quiet', 'quiet'],
  ['console=ttyS0,115200', 'console=ttyS0,115200'],
  ['root=UUID=1-2', 'root=UUID=1-2'],
  ['i915.enable_psr=0', 'i915.enable_psr=0'],
  ['nvidia_drm.modeset=foo', 'nvidia_drm.modeset=foo'],
  ['my.switch=on', 'my.switch=on'],
  ['rd.iscsi.password=hunter2', 'rd.iscsi.password=***'],
  ['secret=hunter2', 'secret=***'],
  ['consoles=hunter2', 'consoles=***'],
  ['a=b=c', 'a=***'],
  ['pin=1234', 'pin=***'],
])('%s is shown as %s', (argument, shown) => expect(publicArgument(argument)).toBe(shown));
