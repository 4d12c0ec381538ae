import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

const MAX_BYTES = 1024 * 1024 * 1024;

/** One member of an ar archive, as ar(1) writes it with all dates 0; its size is even. */
export function arMember(name: string, body: Buffer): Buffer {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(body.length).padEnd(10)}\`\n`;
  const padding = body.length % 2 === 0 ? '' : '\n';
  return Buffer.concat([Buffer.from(header), body, Buffer.from(padding)]);
}

/** An ar archive of these members. */
export function arArchive(members: readonly (readonly [name: string, body: Buffer])[]): Buffer {
  return Buffer.concat([Buffer.from('!<arch>\n'), ...members.map(([name, body]) => arMember(name, body))]);
}

/** A .deb from its two tar archives as they are, whatever is in them. */
export function rawDeb(control: Buffer, data: Buffer): Buffer {
  return arArchive([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar', control],
    ['data.tar', data],
  ]);
}

/** How archives of a .deb may be compressed, and by whom. */
export const COMPRESSORS = {
  none: { suffix: '', command: ['cat'] },
  gzip: { suffix: '.gz', command: ['gzip', '-n'] },
  xz: { suffix: '.xz', command: ['xz', '-1'] },
  zstd: { suffix: '.zst', command: ['zstd', '-q'] },
  bzip2: { suffix: '.bz2', command: ['bzip2'] },
  lzma: { suffix: '.lzma', command: ['xz', '--format=lzma', '-1'] },
} as const;

export type Compressor = keyof typeof COMPRESSORS;

/** The same package packed by hand, as tools do that write ar archives themselves. */
export function repackDeb(
  deb: string,
  to: string,
  { control = 'none', data = 'none' }: { readonly control?: Compressor; readonly data?: Compressor },
): string {
  const member = (base: string, option: string, compressor: Compressor) => {
    const { suffix, command } = COMPRESSORS[compressor];
    const [tool, ...args] = command;
    const tar = execFileSync('dpkg-deb', [option, deb], { maxBuffer: MAX_BYTES });
    return [`${base}${suffix}`, execFileSync(tool, args, { input: tar, maxBuffer: MAX_BYTES })] as const;
  };
  fs.writeFileSync(
    to,
    arArchive([
      ['debian-binary', Buffer.from('2.0\n')],
      member('control.tar', '--ctrl-tarfile', control),
      member('data.tar', '--fsys-tarfile', data),
    ]),
  );
  return to;
}
