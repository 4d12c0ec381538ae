import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scratchDirectory } from '../../tests/support/host.ts';
import { SETTLED_KEY } from './settled-key.ts';

it('the key that is made up is the same each time, and marked', () => {
  using scratch = scratchDirectory();
  const settled = SETTLED_KEY.replace('/etc/roundcube', scratch.path);
  const script = `set -e\n${settled}\ndes_key="$(head -c18 /dev/urandom | base64)"\nprintf %s "$des_key"`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe('A'.repeat(24));
  expect(existsSync(`${scratch.path}/apt-layer-key`)).toBe(true);
});
