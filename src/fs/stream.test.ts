import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSys } from '../sys/index.ts';
import { descriptorIdentity, descriptorWriter, readChunks, readInput, writeOutput } from './index.ts';

const sys = createSys();
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stream-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('reading', () => {
  it('gives a large file in pieces', () => {
    const data = Buffer.alloc(2_500_000, 'abc');
    writeFileSync(join(directory, 'f'), data);
    const sizes: number[] = [];
    for (const chunk of readChunks(sys, join(directory, 'f'))) sizes.push(chunk.length);
    expect(sizes).toEqual([1048576, 1048576, 402848]);
    expect(readInput(sys, join(directory, 'f'), data.length).equals(data)).toBe(true);
    expect(() => readInput(sys, join(directory, 'f'), data.length - 1)).toThrow(
      'longer than the 2499999 bytes',
    );
  });

  it('closes the file when the reader stops early', () => {
    writeFileSync(join(directory, 'f'), Buffer.alloc(3_000_000));
    const probe = () => {
      const fd = openSync('/dev/null', 'r');
      closeSync(fd);
      return fd;
    };
    const before = probe();
    for (const _ of readChunks(sys, join(directory, 'f'))) break;
    expect(probe()).toBe(before);
  });

  it('says what is not there or no file', () => {
    expect(() => readInput(sys, join(directory, 'none'), 9)).toThrow(/none does not exist$/);
    expect(() => readInput(sys, directory, 9)).toThrow(/is a directory, not a file$/);
  });
});

describe('writing', () => {
  it('replaces files only', () => {
    const path = join(directory, 'out');
    writeOutput(sys, path, Buffer.from('one'));
    writeOutput(sys, path, Buffer.from('two'));
    expect(readFileSync(path, 'utf8')).toBe('two');
    symlinkSync(path, join(directory, 'link'));
    expect(() => writeOutput(sys, join(directory, 'link'), Buffer.from('x'))).toThrow('no regular file');
    expect(() => writeOutput(sys, directory, Buffer.from('x'))).toThrow('no regular file');
    expect(() => writeOutput(sys, join(directory, 'no/where'), Buffer.from('x'))).toThrow(
      /^writing .*ENOENT/,
    );
  });
});

describe('descriptors', () => {
  it('of the caller can be written to', () => {
    const path = join(directory, 'progress');
    const fd = openSync(path, 'w');
    descriptorWriter(fd)('line\n');
    expect(readFileSync(path, 'utf8')).toBe('line\n');
    expect(descriptorIdentity(fd)).toMatch(/^\d+:\d+$/);
    closeSync(fd);
    expect(descriptorIdentity(fd)).toBeUndefined();
    expect(() => descriptorWriter(fd)).toThrow(`file descriptor ${fd} is not open for writing`);
  });

  it('that are for reading only, or a full device', () => {
    const reading = openSync('/dev/null', 'r');
    expect(() => descriptorWriter(reading)).toThrow('not open for writing');
    closeSync(reading);
    const full = openSync('/dev/full', 'w');
    expect(() => descriptorWriter(full)('x')).toThrow('ENOSPC');
    closeSync(full);
  });
});
