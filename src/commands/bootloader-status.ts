import { readLoader } from '../deployment/index.ts';
import type { CommandImplementation } from './definition.ts';
import { fields, table } from './text/index.ts';

interface Result {
  /** `none` where no boot loader boots this sysroot. */
  readonly loader: 'systemd-boot' | 'grub' | 'none';
  /** The partition or directory that the loader reads. */
  readonly boot: string | null;
  readonly verity: boolean;
  readonly arguments: readonly string[];
  /** In the order in which the loader tries them. */
  readonly entries: readonly {
    readonly deployment: string;
    readonly triesLeft: number | null;
    readonly triesDone: number;
  }[];
  /** Files of entries of other systems. */
  readonly foreign: readonly string[];
}

export const command: CommandImplementation<Result> = {
  async run(app) {
    const found = await readLoader(app);
    if (found === undefined)
      return { loader: 'none', boot: null, verity: false, arguments: [], entries: [], foreign: [] };
    const { bootloader, state } = found;
    return {
      loader: bootloader.loader,
      boot: 'path' in bootloader.boot ? bootloader.boot.path : `PARTUUID=${bootloader.boot.partuuid}`,
      verity: bootloader.verity,
      arguments: bootloader.arguments,
      entries: state.entries.map(({ id, triesLeft, triesDone }) => ({
        deployment: id,
        triesLeft: triesLeft ?? null,
        triesDone,
      })),
      foreign: state.foreign,
    };
  },
  render(result, style) {
    if (result.loader === 'none') return 'No boot loader boots this sysroot.\n';
    const about = fields(
      [
        ['Loader', result.loader],
        ['Boot', result.boot ?? undefined],
        ['Verity', result.verity ? 'required' : 'not required'],
        ['Arguments', result.arguments],
        ['Others', result.foreign.length === 0 ? undefined : result.foreign],
      ],
      style,
    );
    const rows = result.entries.map(one => [
      one.deployment,
      one.triesLeft === null ? 'good' : `${one.triesLeft} left, ${one.triesDone} done`,
    ]);
    return `${about}${table([{ title: 'ENTRY' }, { title: 'ATTEMPTS' }], rows, style)}`;
  },
};
