import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, placeFile } from '../../layer/index.ts';
import type { InitramfsSettings } from '../spec/index.ts';

/** Both are read by mkinitramfs(8) beside the files that the administrator of a machine edits. */
const MODULES = '/usr/share/initramfs-tools/modules.d/apt-layer';
const SETTINGS = '/usr/share/initramfs-tools/conf.d/apt-layer';

/** The tree of a system whose initramfs is made so. */
export function withInitramfsSettings(context: BuildContext, tree: Tree, settings: InitramfsSettings): Tree {
  const { modules, compression } = settings;
  const place = (current: Tree, path: string, text: string) =>
    placeFile(context.store, current, { path, bytes: Buffer.from(text), mode: 0o644 });
  const withModules =
    modules.length === 0 ? tree : place(tree, MODULES, modules.map(name => `${name}\n`).join(''));
  return compression === undefined ? withModules : place(withModules, SETTINGS, `COMPRESS=${compression}\n`);
}
