import { expect, it } from 'vitest';
import type { PackageRecord } from '../../apt/index.ts';
import type { Distribution } from '../../vulnerabilities/index.ts';
import { type Provenance, vendorOf } from './vendor.ts';

const trixie: Distribution = { id: 'debian', codename: 'trixie', version: '13' };
const noble: Distribution = { id: 'ubuntu', codename: 'noble', version: '24.04' };

const record = (fields: Partial<PackageRecord> = {}): PackageRecord => ({
  ...{ name: 'curl', architecture: 'amd64', version: '1-1', installedBytes: 0, source: 'curl' },
  ...{ sourceVersion: '1-1', section: '', summary: '', relations: {}, maintainer: '', declaredVendor: '' },
  ...fields,
});
const from = (address: string | undefined, more: Partial<Provenance> = {}): Provenance => ({
  ...{ address, archives: [], distribution: trixie },
  ...more,
});

const MIRROR = 'http://mirror.example.org/debian';
const POOL = 'pool/main/c/curl/curl_1-1_amd64.deb';

it.each<[string, Provenance, string, string?]>([
  [
    'of the archive that has the address',
    from('http://a/x/pool/c.deb', { archives: [{ uri: 'http://a/x/', vendor: 'Debian' }] }),
    'Debian',
  ],
  [
    'of the archive with the longer address',
    from('http://a/x/c.deb', {
      archives: [
        { uri: 'http://a/', vendor: 'A' },
        { uri: 'http://a/x/', vendor: 'X' },
      ],
    }),
    'X',
  ],
  [
    'that looks like a mirror, but says that it is another',
    from(`${MIRROR}/${POOL}`, { archives: [{ uri: `${MIRROR}/`, vendor: 'Other' }] }),
    'Other',
  ],
  ['of a full mirror, by its shape', from(`${MIRROR}/${POOL}`), 'Debian'],
  [
    'of a snapshot, by its shape',
    from(`http://s.example.org/archive/debian/20250520T000000Z/${POOL}`),
    'Debian',
  ],
  [
    'of security updates',
    from('http://s.example.org/debian-security/pool/updates/main/c/curl/curl_1_amd64.deb'),
    'Debian',
  ],
  [
    'of Ubuntu',
    from('http://a.example.org/ubuntu/pool/universe/c/curl/curl_1_amd64.deb', { distribution: noble }),
    'Ubuntu',
  ],
  [
    'of a vendor whose address ends like a mirror',
    from('https://d.example.com/linux/debian/dists/trixie/pool/stable/amd64/d_1_amd64.deb'),
    '',
  ],
  ['of some other address', from('https://example.org/pool/main/c/curl/curl_1_amd64.deb'), ''],
  ['of a file', from('file:///srv/curl.deb'), ''],
  ['of backports', from(`${MIRROR}/${POOL}`), 'Debian Backports', '2-1~bpo13+1'],
])('a package %s', (_, provenance, expected, version = '1-1') => {
  expect(vendorOf(record({ version }), provenance)).toBe(expected);
});

it.each<[string, Partial<PackageRecord>, Distribution, string]>([
  ['of a base', { maintainer: 'A <a@example.org>' }, trixie, 'Debian'],
  ['that says whose it is', { declaredVendor: 'Example' }, trixie, 'Example'],
  ['of nginx', { maintainer: 'N <n@nginx.com>', version: '1.27.1-1~trixie' }, trixie, ''],
  [
    'of Debian with such a version',
    { maintainer: 'N <n@debian.org>', version: '1~trixie1' },
    trixie,
    'Debian',
  ],
  ['of Ubuntu in Debian', { maintainer: 'U <u@lists.ubuntu.com>' }, trixie, ''],
  ['of Debian in Ubuntu', { maintainer: 'U <u@lists.debian.org>' }, noble, ''],
  ['of Ubuntu in Ubuntu', { maintainer: 'U <u@lists.ubuntu.com>' }, noble, 'Ubuntu'],
])('a package %s, without an address', (_, fields, distribution, expected) => {
  expect(vendorOf(record(fields), from(undefined, { distribution }))).toBe(expected);
});
