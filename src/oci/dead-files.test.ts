import fs from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory, testHost } from '../../tests/support/host.ts';
import { createLocked, removeDead } from './dead-files.ts';

it('a file that is being written stays, and goes once its writer is gone', () => {
  using scratch = scratchDirectory();
  const host = testHost();
  fs.mkdirSync(`${scratch.path}/blobs`);
  const { fd, path } = createLocked(host.sys, `${scratch.path}/blobs/blob`);
  removeDead(host, scratch.path);
  expect(fs.existsSync(path)).toBe(true);
  host.sys.close(fd);
  removeDead(host, scratch.path);
  expect(fs.existsSync(path)).toBe(false);
});
