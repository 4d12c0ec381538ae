import type { DebDescription } from './deb.ts';

/** A file of `/usr/share`, large enough to be an object. */
export const file = (name: string, text: string) => ({ [`/usr/share/${name}`]: `${text} `.repeat(30) });

/** What the archive has that layers are taken from. */
export const PACKAGES: readonly DebDescription[] = [
  { name: 'tool', version: '1.0', files: file('tool', 'one') },
  { name: 'tool', version: '2:1.1~rc1-1', files: file('tool', 'two') },
  { name: 'needs-tool', depends: ['tool (>= 1.0)'], files: file('needs-tool', 'x') },
  { name: 'needs-newer', depends: ['held-one (>= 2)'], files: file('needs-newer', 'x') },
  { name: 'c++-lib', provides: ['virtual-lib'], files: file('c++-lib', 'x') },
  { name: 'wants-either', depends: ['not-there | virtual-lib'], files: file('wants-either', 'x') },
  { name: 'twin-a', version: '1', depends: ['twin-b (= 1)'], files: file('twin-a', 'one') },
  { name: 'twin-b', version: '1', files: file('twin-b', 'one') },
  {
    name: 'starts-service',
    scripts: { postinst: 'udevadm trigger || true' },
    files: file('starts-service', 'x'),
  },
  {
    // Says nowhere whose files it is about.
    name: 'rude',
    scripts: { postinst: 'd=/usr/share; printf hacked >"$d/to""ol"; rm -f "$d/base-""one"' },
    files: file('rude', 'x'),
  },
  {
    name: 'alternatives-user',
    scripts: { postinst: 'update-alternatives --install /usr/bin/au au /usr/share/au 10' },
    files: file('au', 'x'),
  },
  {
    name: 'setuid-one',
    files: {
      '/usr/bin/setuid-one': { content: 'x'.repeat(100), mode: 0o4755 },
      ...file('claimed', 'setuid-one'),
    },
  },
  {
    name: 'other-mta',
    conflicts: ['mail-agent'],
    provides: ['mail-agent'],
    files: file('mta', 'other'),
  },
  { name: 'claims-too', files: file('claimed', 'claims-too') },
  ...['amd64', 'i386'].flatMap((architecture): DebDescription[] => [
    {
      name: 'lib-same',
      architecture,
      multiArch: 'same',
      files: { [`/usr/lib/${architecture}/lib`]: architecture.repeat(30) },
    },
    { name: 'one-at-a-time', architecture, files: file('one-at-a-time', architecture) },
    { name: 'interpreter', architecture, multiArch: 'allowed', files: file('interpreter', architecture) },
    { name: 'serves-all', architecture, multiArch: 'foreign', files: file('serves-all', architecture) },
  ]),
];
/** What the base has. */
export const OF_BASE: readonly DebDescription[] = [
  { name: 'base-one', version: '1.0', files: file('base-one', 'one') },
  { name: 'base-needed', version: '1.0', files: file('base-needed', 'one') },
  { name: 'base-needs', version: '1.0', depends: ['base-needed'], files: file('base-needs', 'one') },
  { name: 'held-one', version: '1', files: file('held-one', 'one') },
  {
    name: 'base-mta',
    conflicts: ['mail-agent'],
    provides: ['mail-agent'],
    files: file('mta', 'of the base'),
  },
  { name: 'base-mailer', depends: ['base-mta'], files: file('mailer', 'x') },
];
