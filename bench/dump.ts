import { createHash } from 'node:crypto';

/** A dump of `lines` lines shaped like a Debian root: depth, name lengths, 5 % symlinks, objects, some inline files. */
export function debianLikeDump(lines: number): string {
  const out = ['/ 4096 40755 2 0 0 0 1700000000.0 - - -'];
  const directories = [
    '/usr/share/doc',
    '/usr/lib/x86_64-linux-gnu',
    '/usr/include/linux',
    '/usr/share/man/man3',
  ];
  for (const path of ['/usr', '/usr/share', '/usr/lib', '/usr/include', '/usr/share/man', ...directories])
    out.push(`${path} 4096 40755 2 0 0 0 1700000000.0 - - -`);
  for (let index = 0; out.length < lines; index++) {
    const parent = directories[index % directories.length] ?? '';
    const directory = `${parent}/package-${Math.floor(index / 40)}`;
    if (index % 40 < directories.length)
      out.push(`${directory} 4096 40755 2 0 0 0 170000${index % 5000}.0 - - -`);
    else out.push(fileLine(`${directory}/file-with-a-name-${index}.gz`, index));
  }
  return `${out.slice(0, lines).join('\n')}\n`;
}

function fileLine(path: string, index: number): string {
  const rest = `0 0 0 1700${(index * 7919) % 1000000}.0`;
  if (index % 20 === 0) return `${path} 20 120777 1 ${rest} ../some/other/target - -`;
  if (index % 10 === 1) return `${path} 12 100644 1 ${rest} - hello\\x20world\\n -`;
  const digest = createHash('sha256').update(path).digest('hex');
  const xattr = index % 50 === 2 ? ' user.mime=text/plain' : '';
  return `${path} ${1000 + index} 100644 1 ${rest} ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}${xattr}`;
}
