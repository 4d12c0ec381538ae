import type { CommandDefinition } from '../definition.ts';

const DIGEST_OPTION = {
  name: 'digest',
  value: 'ALGORITHM',
  description: 'hash function of the fs-verity digests',
  choices: ['sha256', 'sha512'],
  default: 'sha256',
} as const;

export const imageCommands: readonly CommandDefinition[] = [
  {
    path: ['image', 'digest'],
    group: 'image',
    summary: 'print the fs-verity digest of a file',
    description:
      'Computes the digest by which the store names a file and the kernel verifies it, as ' +
      '`fsverity digest` does. It reads the file; fs-verity need not be on.',
    arguments: [{ name: 'FILE', description: 'file to read, or - for standard input', complete: 'file' }],
    options: [DIGEST_OPTION],
    examples: [{ command: 'image digest vmlinuz', does: 'print the digest of one file' }],
    load: () => import('../image-digest.ts'),
  },
];
