import { archivePattern, type Distribution } from './distribution.ts';

const ARCHIVE = archivePattern('ubuntu|ubuntu-ports');

/** Ubuntu. Every mirror carries the security suites beside the others. */
export const ubuntu: Distribution = {
  id: 'ubuntu',
  title: 'Ubuntu',
  releases: [
    { codename: 'jammy', version: '22.04' },
    { codename: 'noble', version: '24.04' },
    { codename: 'plucky', version: '25.04' },
    { codename: 'questing', version: '25.10' },
    { codename: 'resolute', version: '26.04' },
  ],
  aliases: ['devel'],
  rolling: [],
  components: ['main', 'restricted', 'universe', 'multiverse'],
  defaultComponents: ['main', 'universe'],
  keyrings: [
    '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    '/etc/apt/keyrings/ubuntu-archive-keyring.gpg',
  ],
  keyringPackage: 'ubuntu-keyring',
  exampleMirror: 'https://mirror.example.org/ubuntu',
  sourcesFile: '/etc/apt/sources.list.d/ubuntu.sources',
  isArchive: uri => ARCHIVE.test(uri),
  securityArchive: mirror => (ARCHIVE.test(mirror) ? mirror.replace(/\/$/, '') : undefined),
};
