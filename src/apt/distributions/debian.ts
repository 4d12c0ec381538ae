import { archivePattern, type Distribution } from './distribution.ts';

const ARCHIVE = archivePattern('debian');
const SECURITY = archivePattern('debian-security');

/** Debian. The security suites are in an archive of their own, beside the main one on every full mirror. */
export const debian: Distribution = {
  id: 'debian',
  title: 'Debian',
  releases: [
    { codename: 'bullseye', version: '11' },
    { codename: 'bookworm', version: '12' },
    { codename: 'trixie', version: '13' },
    { codename: 'forky', version: '14' },
  ],
  aliases: ['oldoldstable', 'oldstable', 'stable', 'testing'],
  rolling: ['sid', 'unstable', 'experimental'],
  components: ['main', 'contrib', 'non-free', 'non-free-firmware'],
  defaultComponents: ['main'],
  keyrings: [
    '/usr/share/keyrings/debian-archive-keyring.gpg',
    '/usr/share/keyrings/debian-archive-keyring.pgp',
    '/etc/apt/keyrings/debian-archive-keyring.gpg',
  ],
  keyringPackage: 'debian-archive-keyring',
  exampleMirror: 'https://mirror.example.org/debian',
  sourcesFile: '/etc/apt/sources.list.d/debian.sources',
  isArchive: uri => ARCHIVE.test(uri) || SECURITY.test(uri),
  securityArchive(mirror) {
    const match = ARCHIVE.exec(mirror);
    return match === null ? undefined : `${match[1]}/debian-security${match[2] ?? ''}`;
  },
};
