import { ensureDirectory, writeFileDurable } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { BootFile } from './loader-entries.ts';
import type { LoaderName } from './partition-plan.ts';

/** What a boot loader has to know of a deployment. */
export interface LoaderEntry {
  readonly id: string;
  readonly title: string;
  readonly kernel: BootFile;
  readonly initrd: BootFile;
  readonly arguments: readonly string[];
}

/** Digits of a digest in the names of kernels. */
const NAME_DIGITS = 16;

/** Writes the only entry of a new boot directory, with its kernel. `prefix`: of that directory, as the loader sees it. */
export function writeFirstEntry(
  host: Host,
  boot: { readonly loader: LoaderName; readonly directory: string; readonly prefix: string },
  entry: LoaderEntry,
): void {
  const { loader, directory, prefix } = boot;
  ensureDirectory(host.sys, `${directory}/apt-layer`);
  const put = (kind: string, { digest, path }: BootFile) => {
    const name = `apt-layer/${kind}-${digest.slice(0, NAME_DIGITS)}`;
    writeFileDurable(host.sys, `${directory}/${name}`, host.sys.readFile(path));
    return `${prefix}/${name}`;
  };
  const files = { linux: put('vmlinuz', entry.kernel), initrd: put('initrd', entry.initrd) };
  if (loader === 'grub') {
    writeFileDurable(host.sys, `${directory}/grub/custom.cfg`, grubEntry(entry, files));
    return;
  }
  ensureDirectory(host.sys, `${directory}/loader/entries`);
  writeFileDurable(
    host.sys,
    `${directory}/loader/entries/apt-layer-1-${entry.id}.conf`,
    bootLoaderSpecification(entry, files),
  );
}

interface Files {
  readonly linux: string;
  readonly initrd: string;
}

function bootLoaderSpecification(entry: LoaderEntry, { linux, initrd }: Files): string {
  return [
    `title ${entry.title}`,
    'sort-key apt-layer',
    'version 1',
    `linux ${linux}`,
    `initrd ${initrd}`,
    `options ${entry.arguments.join(' ')}`,
    '',
  ].join('\n');
}

function grubEntry(entry: LoaderEntry, { linux, initrd }: Files): string {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  return [
    `menuentry ${quoted(entry.title)} --id ${quoted(`apt-layer-${entry.id}`)} {`,
    `  linux ${[linux, ...entry.arguments.map(quoted)].join(' ')}`,
    `  initrd ${initrd}`,
    '}',
    '',
  ].join('\n');
}
