import type { Tree } from '../../formats/tree/index.ts';
import { type BuildContext, initramfsMaker, placeFile } from '../../layer/index.ts';
import type { InitramfsSettings } from '../spec/index.ts';

/** Both are read by mkinitramfs(8) beside the files that the administrator of a machine edits. */
const MODULES = '/usr/share/initramfs-tools/modules.d/apt-layer';
const SETTINGS = '/usr/share/initramfs-tools/conf.d/apt-layer';
/** The same for dracut(8), see dracut.conf(5). */
const DRACUT_SETTINGS = '/usr/lib/dracut/dracut.conf.d/50-apt-layer.conf';

/** The tree of a system whose initramfs is made so. */
export function withInitramfsSettings(context: BuildContext, tree: Tree, settings: InitramfsSettings): Tree {
  const files = initramfsMaker(tree)?.program === 'dracut' ? dracutFiles(settings) : toolsFiles(settings);
  return Object.entries(files).reduce(
    (current, [path, text]) =>
      text === ''
        ? current
        : placeFile(context.store, current, { path, bytes: Buffer.from(text), mode: 0o644 }),
    tree,
  );
}

function toolsFiles({ modules, compression }: InitramfsSettings): Record<string, string> {
  return {
    [MODULES]: modules.map(name => `${name}\n`).join(''),
    [SETTINGS]: compression === undefined ? '' : `COMPRESS=${compression}\n`,
  };
}

/** As initramfs-tools does, dracut loads the modules at boot, too. */
function dracutFiles({ modules, compression }: InitramfsSettings): Record<string, string> {
  const drivers = modules.length === 0 ? '' : `force_drivers+=" ${modules.join(' ')} "\n`;
  return { [DRACUT_SETTINGS]: drivers + (compression === undefined ? '' : `compress="${compression}"\n`) };
}
