import type { CommandDefinition } from '../definition.ts';

/** Verbs that work on the store. */
export const storeCommands: readonly CommandDefinition[] = [
  {
    path: ['image', 'import'],
    group: 'image',
    summary: 'store a directory as an image',
    description:
      'Stores every file below a directory and writes the image for it: metadata, xattrs, hard links and devices as they ' +
      'are. With --ref the image is kept and can be named as a base: local://NAME.',
    arguments: [{ name: 'DIRECTORY', description: 'root of the tree to store', complete: 'directory' }],
    options: [
      {
        name: 'ref',
        value: 'NAME',
        description: 'keep the image under this name; without it `cleanup` removes it',
      },
    ],
    examples: [{ command: 'image import /tmp/rootfs --ref debian/13', does: 'make local://debian/13' }],
    mutates: true,
    needsRoot: true,
    load: () => import('../image-import.ts'),
  },
  {
    path: ['image', 'ls'],
    group: 'image',
    summary: 'list the images in the store',
    description: 'Lists every image with the names that keep it alive.',
    examples: [{ command: 'image ls', does: 'list all images' }],
    load: () => import('../image-ls.ts'),
  },
  {
    path: ['image', 'checkout'],
    group: 'image',
    summary: 'write the files of an image into a directory',
    description:
      'Writes all files of an image, with owners, modes, xattrs, times and hard links, into an absent or empty directory.',
    arguments: [
      { name: 'REF', description: 'name or digest of an image, as `image ls` lists them' },
      { name: 'DIRECTORY', description: 'absent or empty directory', complete: 'directory' },
    ],
    examples: [{ command: 'image checkout debian/13 /tmp/root', does: 'write out a base image' }],
    needsRoot: true,
    load: () => import('../image-checkout.ts'),
  },
  {
    path: ['fsck'],
    group: 'maintenance',
    summary: 'check every byte of the store',
    description:
      'Reads every object and image and compares it with the digest that names it; checks that everything an image ' +
      'names is there, and that every ref points at an image. Ends with exit code 6 when anything is wrong. Changes nothing.',
    examples: [{ command: 'fsck', does: 'check the store' }],
    needsRoot: true,
    load: () => import('../fsck.ts'),
  },
];
