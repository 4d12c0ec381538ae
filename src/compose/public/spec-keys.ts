/**
 * How a value may be shown: as it is; an address without what opens it; a kernel argument; of a line of debconf-set-selections the
 * question alone.
 */
export type Showing = 'whole' | 'address' | 'argument' | 'question';

const whole = (...paths: string[]) => paths.map(path => [path, 'whole'] as const);
const addresses = (...paths: string[]) => paths.map(path => [path, 'address'] as const);

/**
 * The values of a spec that anybody may read, by their path with `*` for the index of a list. What is not here is a secret: contents of
 * files, answers, scripts and their inputs, keys, and every key that is new. Labels are there to be read.
 */
export const PUBLIC_KEYS: ReadonlyMap<string, Showing> = new Map<string, Showing>([
  ...whole(
    'name',
    'version',
    'recommends',
    'snapshot',
    'remove.*',
    'holds.*',
    'labels.*',
    'security.verity',
    'security.images.require',
    'security.vulnerabilities.vex.*',
    'security.vulnerabilities.refuse.*',
    'security.vulnerabilities.unfixed',
    'security.vulnerabilities.max-age',
    'security.vulnerabilities.except.*.cve',
    'security.vulnerabilities.except.*.reason',
    'security.vulnerabilities.except.*.until',
    'security.archives.allow.*',
    'security.packages.deny.*',
  ),
  ...addresses('base-image', 'base-image.containerfile', 'base-image.context'),
  ...addresses('layers.*', 'layers.*.package', 'overrides.*.with', 'overrides.*.with.*'),
  ...whole('layers.*.metadata.preserve-permissions', 'layers.*.metadata.conflict-resolution'),
  ...whole(
    'layers.*.maintainer-scripts',
    'layers.*.network',
    'overrides.*.package',
    'overrides.*.remove',
    'overrides.*.version',
  ),
  ...whole('overrides.*.suite', 'multi-arch.enabled', 'multi-arch.architectures.*', 'multi-arch.packages.*'),
  ...whole(
    'multi-arch.packages.*.package',
    'multi-arch.packages.*.architecture',
    'multi-arch.packages.*.type',
  ),
  ...whole('metadata.preserve-permissions', 'metadata.conflict-resolution'),
  ...whole('maintainer-scripts.validation-mode', 'maintainer-scripts.forbidden-actions.*'),
  ...whole('pins.*.packages.*', 'pins.*.pin', 'pins.*.priority'),
  ...addresses('bootstrap.mirror', 'bootstrap.security-mirror', 'repositories.*.uris.*'),
  ...whole('bootstrap.components.*', 'bootstrap.variant', 'bootstrap.suites.*'),
  ...whole('repositories.*.name', 'repositories.*.types.*', 'repositories.*.suites.*'),
  ...whole(
    'repositories.*.components.*',
    'repositories.*.architectures.*',
    'repositories.*.check-valid-until',
  ),
  ...whole('services.enable.*', 'services.disable.*', 'services.mask.*'),
  ...whole(
    'files.*.path',
    'files.*.mode',
    'files.*.owner',
    'files.*.group',
    'files.*.directory',
    'files.*.link',
  ),
  ...whole('initramfs.modules.*', 'initramfs.compression'),
  ...whole(
    'users.*.name',
    'users.*.uid',
    'users.*.group',
    'users.*.home',
    'users.*.shell',
    'users.*.groups.*',
  ),
  ...whole('users.*.system', 'groups.*.name', 'groups.*.gid', 'groups.*.system', 'scripts.*.name'),
  ...whole('debconf.*.package', 'debconf.*.question', 'debconf.*.type'),
  ['debconf.*', 'question'],
  ['kernel-arguments.*', 'argument'],
]);

/** Keys whose values are maps with any keys. */
export const OPEN_MAPS: readonly string[] = ['labels'];
