import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { file, memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type RegularFile, type Tree, withNode } from '../../formats/tree/index.ts';
import { SECRETS } from './secrets.ts';
import { stripSecrets } from './strip-secrets.ts';

const stored: Buffer[] = [];
const access = {
  read: readInline,
  put: (bytes: Buffer) => String(stored.push(bytes) - 1),
};

/** A name that fits a pattern. */
const example = (pattern: string) => pattern.replaceAll('*', 'any');

describe.each(SECRETS)('$proof', secret => {
  it('is looked for by one of its patterns, and made by what the image has', () => {
    const patterns = secret.paths.map(
      path => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll('*', '.*')}$`),
    );
    expect(patterns.some(pattern => pattern.test(secret.proof))).toBe(true);
    expect(secret.tool).toMatch(/^\/usr(\/lib\/postgresql\/\d+)?\/s?bin\/[a-z-]+$/);
    expect(secret.before.every(unit => /^[a-z0-9@-]+\.(service|socket)$/.test(unit))).toBe(true);
  });

  it('is taken out, and made by a script that a shell reads', () => {
    const secrets = Object.fromEntries(secret.paths.map(path => [example(path), 'secret']));
    const tree = stripSecrets(
      memoryTree({ ...secrets, [secret.tool]: 'tool', '/usr/lib/systemd/systemd': 'init' }),
      access,
    );
    for (const path of Object.keys(secrets)) expect(lookup(tree, fromText(path))).toBeUndefined();
    const script = lookup(tree, fromText('/usr/lib/apt-layer/make-secrets'));
    if (script?.kind !== 'file' || script.content.kind !== 'object') throw new Error('no script');
    const text = stored[Number(script.content.digest)]?.toString() ?? '';
    expect(text).toContain(secret.command);
    execFileSync('sh', ['-n'], { input: text });
  });
});

describe('an image that is built on another', () => {
  const SYSTEMD = { '/usr/lib/systemd/systemd': 'init', '/usr/bin/ssh-keygen': 'tool' };
  const KEYS = { '/etc/ssh/ssh_host_rsa_key': 'secret' };
  const SNAKEOIL = { '/usr/sbin/make-ssl-cert': 'tool', '/etc/ssl/private/ssl-cert-snakeoil.key': 'secret' };
  const inline = {
    read: (file: RegularFile) =>
      file.content.kind === 'object' ? (stored[Number(file.content.digest)] as Buffer) : readInline(file),
    put: access.put,
  };
  const scriptOf = (tree: Tree) => {
    const node = lookup(tree, fromText('/usr/lib/apt-layer/make-secrets'));
    return node?.kind === 'file' ? inline.read(node).toString() : '';
  };
  const base = stripSecrets(memoryTree({ ...SYSTEMD, ...KEYS }), inline);
  const added = (tree: Tree, entries: Readonly<Record<string, string>>) =>
    Object.entries(entries).reduce((rest, [path, text]) => withNode(rest, fromText(path), file(text)), tree);

  it('makes the secrets of both', () => {
    const script = scriptOf(stripSecrets(added(base, SNAKEOIL), inline));
    expect(script).toContain('ssh-keygen -A');
    expect(script).toContain('make-ssl-cert');
  });

  it('keeps the unit as it is when it brings no secret', () => {
    expect(scriptOf(stripSecrets(added(base, { '/etc/x': 'x' }), inline))).toBe(scriptOf(base));
  });

  it('drops the unit when nothing is left that makes them', () => {
    const tree = stripSecrets(withNode(base, fromText('/usr/bin/ssh-keygen'), undefined), inline);
    for (const path of [
      '/usr/lib/apt-layer/make-secrets',
      '/usr/lib/systemd/system/apt-layer-secrets.service',
    ])
      expect(lookup(tree, fromText(path))).toBeUndefined();
  });
});
