import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aptGetInstallChroot } from '../support/apt-oracle.ts';
import { copyRoot, unpackMinbase } from '../support/base.ts';
import { compareTrees, renderDifferences, TRACES_OF_APT } from '../support/compare-trees.ts';
import { mapSources, parseAcquireOptions, parseTargets } from '../support/host-apt.ts';
import { temporaryDirectory } from '../support/temporary.ts';

describe("the host's apt", () => {
  const listing = `http://mirror.example/debian/ bookworm main
http://mirror.example/debian/ bookworm contrib
http://mirror.example/debian/ bookworm-updates main
http://mirror.example/security/ stable-security main
https://vendor.example/apt/ nodistro main
`;

  it('gives the mirrors of another suite, of its own distribution only', () => {
    expect(mapSources(parseTargets(listing), 'bookworm', 'trixie')).toEqual([
      'deb http://mirror.example/debian trixie main',
      'deb http://mirror.example/debian trixie-updates main',
      'deb http://mirror.example/security trixie-security main',
    ]);
    expect(() => mapSources([], 'bookworm', 'trixie')).toThrow('no mirror for Debian bookworm');
  });

  it('passes on how to reach the mirror, and nothing else', () => {
    const dump = `Acquire::Check-Valid-Until "false";
Acquire::http::Proxy "http://proxy.example:3128";
Acquire::https "";
Acquire::Languages:: "none";
APT::Install-Recommends "0";
`;
    expect(parseAcquireOptions(dump)).toEqual([
      'Acquire::Check-Valid-Until=false',
      'Acquire::http::Proxy=http://proxy.example:3128',
    ]);
  });
});

describe('the minbase root', () => {
  it('installs a package from the mirror, the same way twice, and keeps no trace of how', async () => {
    await using work = temporaryDirectory('base');
    const [first, second] = [work.join('first'), work.join('second')];
    await unpackMinbase(first);
    expect(fs.readFileSync(`${first}/etc/debian_version`, 'utf8')).toMatch(/^13\./);
    await copyRoot(first, second);
    expect(renderDifferences(compareTrees(first, second, { mtimes: true }))).toBe('');

    await aptGetInstallChroot(first, ['hello']);
    expect(fs.existsSync(`${first}/usr/bin/hello`)).toBe(true);
    for (const left of ['/usr/sbin/policy-rc.d', '/etc/resolv.conf'])
      expect(fs.existsSync(`${first}${left}`), left).toBe(false);
    expect(fs.readdirSync(`${first}/var/lib/apt/lists`).filter(name => name.includes('Packages'))).toEqual(
      [],
    );
    await aptGetInstallChroot(second, ['hello']);
    expect(renderDifferences(compareTrees(first, second, { ignore: TRACES_OF_APT }))).toBe('');
  });
});
