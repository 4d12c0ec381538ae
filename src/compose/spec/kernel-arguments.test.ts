import { describe, expect, it } from 'vitest';
import { editedKernelArguments, type KernelArgumentsEdit } from './kernel-arguments.ts';

const none: KernelArgumentsEdit = {
  delete: [],
  deleteIfPresent: [],
  replace: [],
  append: [],
  appendIfMissing: [],
};
const start = ['quiet', 'console=tty0', 'console=ttyS0', 'root=UUID=1', 'panic=5'];

describe('a change of kernel arguments', () => {
  it.each<[string, Partial<KernelArgumentsEdit>, string]>([
    [
      'appends',
      { append: ['a=b', 'quiet'] },
      'quiet console=tty0 console=ttyS0 root=UUID=1 panic=5 a=b quiet',
    ],
    [
      'appends what is missing',
      { appendIfMissing: ['quiet', 'c'] },
      'quiet console=tty0 console=ttyS0 root=UUID=1 panic=5 c',
    ],
    ['deletes by key', { delete: ['panic'] }, 'quiet console=tty0 console=ttyS0 root=UUID=1'],
    ['deletes by key and value', { delete: ['console=tty0'] }, 'quiet console=ttyS0 root=UUID=1 panic=5'],
    [
      'deletes what is there',
      { deleteIfPresent: ['quiet', 'nothing'] },
      'console=tty0 console=ttyS0 root=UUID=1 panic=5',
    ],
    [
      'replaces the only value',
      { replace: ['panic=9'] },
      'quiet console=tty0 console=ttyS0 root=UUID=1 panic=9',
    ],
    [
      'replaces one of several',
      { replace: ['console=ttyS0=ttyS1'] },
      'quiet console=tty0 console=ttyS1 root=UUID=1 panic=5',
    ],
    [
      'knows values with =',
      { replace: ['root=UUID=1=LABEL=x'] },
      'quiet console=tty0 console=ttyS0 root=LABEL=x panic=5',
    ],
  ])('%s', (_, edit, expected) => {
    expect(editedKernelArguments(start, { ...none, ...edit }).join(' ')).toBe(expected);
  });

  it.each<[Partial<KernelArgumentsEdit>, RegExp]>([
    [{ delete: ['nothing'] }, /no kernel argument "nothing"/],
    [{ delete: ['console'] }, /more than once/],
    [{ replace: ['console=ttyS9'] }, /more than once/],
    [{ replace: ['quiet'] }, /does not say what/],
  ])('refuses %j', (edit, message) => {
    expect(() => editedKernelArguments(start, { ...none, ...edit })).toThrow(message);
  });
});
