import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Host } from '../host/index.ts';
import { createSys } from '../sys/index.ts';
import { keyringOf } from './keyring.ts';
import { renderTargetSources, type TargetRepository } from './target-sources.ts';

const host = { sys: createSys() } as Partial<Host> as Host;
const ARMORED = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----';
const repository: TargetRepository = {
  name: 'vendor',
  uris: ['https://vendor.example/debian'],
  suites: ['trixie'],
  components: ['main'],
  architectures: ['amd64'],
  signedBy: { kind: 'inline', key: ARMORED },
};

it('gives each repository its own source and key', () => {
  const files = renderTargetSources(host, [repository]);
  expect(files.map(({ path: name, bytes, mode }) => [name, bytes.toString(), mode])).toEqual([
    ['/etc/apt/keyrings/apt-layer-vendor.asc', `${ARMORED}\n`, 0o644],
    [
      '/etc/apt/sources.list.d/apt-layer-vendor.sources',
      'Types: deb\nURIs: https://vendor.example/debian\nSuites: trixie\nComponents: main\nArchitectures: amd64\nSigned-By: /etc/apt/keyrings/apt-layer-vendor.asc\n',
      0o644,
    ],
  ]);
});

it('copies a keyring file, named by its form', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'keyring-')), 'k.asc');
  fs.writeFileSync(file, Buffer.from([0x99, 1, 2]));
  const [key, source] = renderTargetSources(host, [
    { ...repository, signedBy: { kind: 'file', path: file } },
  ]);
  expect(key).toMatchObject({
    path: '/etc/apt/keyrings/apt-layer-vendor.gpg',
    bytes: Buffer.from([0x99, 1, 2]),
  });
  expect(source?.bytes.toString()).toContain('Signed-By: /etc/apt/keyrings/apt-layer-vendor.gpg\n');
  fs.rmSync(path.dirname(file), { recursive: true });
});

it.each([
  ['a missing file', { kind: 'file', path: '/nonexistent/k.gpg' }],
  ['no key', { kind: 'inline', key: 'hello' }],
  ['a secret key', { kind: 'inline', key: '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nabc\n' }],
] as const)('refuses %s', (_, signedBy) => {
  expect(() => renderTargetSources(host, [{ ...repository, signedBy }])).toThrow(
    expect.objectContaining({ code: 'SIGNATURE' }),
  );
});

it('says how to convert a keybox', () => {
  const keybox = Buffer.concat([Buffer.alloc(8), Buffer.from('KBXf'), Buffer.alloc(20)]);
  expect(() => keyringOf(keybox, 'k.kbx')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('--export') }),
  );
});
