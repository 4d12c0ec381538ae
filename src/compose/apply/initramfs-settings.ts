import { fromText } from '../../formats/bytes/index.ts';
import { lookupDirectory, type Tree } from '../../formats/tree/index.ts';
import { type BuildContext, placeFile } from '../../layer/index.ts';
import type { InitramfsSettings } from '../spec/index.ts';

/** Both are read by mkinitramfs(8) beside the files that the administrator of a machine edits; the last by dracut(8). */
const MODULES = '/usr/share/initramfs-tools/modules.d/apt-layer';
const SETTINGS = '/usr/share/initramfs-tools/conf.d/apt-layer';
const DRACUT_SETTINGS = '/usr/lib/dracut/dracut.conf.d/90-apt-layer.conf';

/** The tree of a system whose initramfs is made so. */
export function withInitramfsSettings(context: BuildContext, tree: Tree, settings: InitramfsSettings): Tree {
  const place = (current: Tree, [path, text]: readonly [string, string]) =>
    placeFile(context.store, current, { path, bytes: Buffer.from(text), mode: 0o644 });
  const isDracut = lookupDirectory(tree, fromText('/usr/lib/dracut')) !== undefined;
  return (isDracut ? dracutFiles(settings) : initramfsToolsFiles(settings)).reduce(place, tree);
}

function initramfsToolsFiles({ modules, compression }: InitramfsSettings): [string, string][] {
  return [
    ...(modules.length === 0
      ? []
      : [[MODULES, modules.map(name => `${name}\n`).join('')] satisfies [string, string]]),
    ...(compression === undefined
      ? []
      : [[SETTINGS, `COMPRESS=${compression}\n`] satisfies [string, string]]),
  ];
}

function dracutFiles({ modules, compression }: InitramfsSettings): [string, string][] {
  const lines = [
    ...(modules.length === 0 ? [] : [`force_drivers+=" ${modules.join(' ')} "\n`]),
    ...(compression === undefined ? [] : [`compress="${compression}"\n`]),
  ];
  return lines.length === 0 ? [] : [[DRACUT_SETTINGS, lines.join('')]];
}
