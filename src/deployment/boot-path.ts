import { fromText, toText } from '../formats/bytes/index.ts';
import { lookup, type Tree } from '../formats/tree/index.ts';

/** Units without which a machine does not come up, or nobody notices that it did or did not. */
const BOOT_UNITS = [
  ...['default.target', 'graphical.target', 'multi-user.target', 'basic.target', 'sysinit.target'],
  ...['local-fs.target', 'timers.target', 'boot-complete.target'],
  ...['apt-layer-boot.service', 'apt-layer-confirm.service', 'apt-layer-finalize.service'],
  ...['apt-layer-give-up.timer', 'apt-layer-give-up.service', 'apt-layer-emergency.service'],
];

/** Directories of unit files; masked in one of them is masked. */
const UNIT_DIRECTORIES = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

/** Words of a kernel's command line that have a machine do something else than come up, by themselves. */
const OTHER_BOOTS = /^(?:init=|rdinit=|systemd\.unit=|(?:emergency|rescue|single|s|S|1|-b)$)/;
/** Words that take away what restarts a machine that does not come up. */
const STAYS_DOWN =
  /^(?:panic=-?0$|systemd\.crash_reboot=(?:0|no|n|false|f|off)$|systemd\.crash_action=(?!reboot$))/;

/** Whether a machine needs the unit to come up, or to go back when it does not. */
export function isBootUnit(name: string): boolean {
  return BOOT_UNITS.includes(name.includes('.') ? name : `${name}.service`);
}

/** The unit that a path names, when it is one that a machine needs to come up. */
export function bootUnitAt(path: string): string | undefined {
  const directory = UNIT_DIRECTORIES.find(one => path.startsWith(`${one}/`));
  return BOOT_UNITS.find(name => path === `${directory}/${name}`);
}

/** What is wrong with an argument of the kernel for a machine that has to come up by itself; undefined when nothing is. */
export function argumentObstacle(argument: string): string | undefined {
  const masked = /^systemd\.mask=(.+)$/.exec(argument)?.[1];
  if (masked !== undefined && isBootUnit(masked))
    return `\`${argument}\` masks a unit that a machine needs to come up`;
  if (OTHER_BOOTS.test(argument)) return `with \`${argument}\` a machine does not come up as it would`;
  if (STAYS_DOWN.test(argument))
    return `with \`${argument}\` a machine that fails to come up waits for somebody`;
  return undefined;
}

/** What stands in the way of a machine that boots an image with these arguments; nothing when it can come up. */
export function bootObstacles(tree: Tree, kernelArguments: readonly string[]): string[] {
  const masked = BOOT_UNITS.filter(name =>
    UNIT_DIRECTORIES.some(directory => {
      const node = lookup(tree, fromText(`${directory}/${name}`));
      return node?.kind === 'symlink' && toText(node.target) === '/dev/null';
    }),
  );
  return [
    ...masked.map(name => `the image has ${name} masked, which a machine needs to come up`),
    ...kernelArguments.flatMap(argument => argumentObstacle(argument) ?? []),
  ];
}
