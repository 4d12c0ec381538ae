import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { memoryTree, readInline } from '../../../tests/support/memory-package.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
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
    expect(secret.tool).toMatch(/^\/usr\/s?bin\/[a-z-]+$/);
    expect(secret.before.every(unit => /^[a-z0-9-]+\.(service|socket)$/.test(unit))).toBe(true);
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
