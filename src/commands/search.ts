import { type FoundPackage, searchArchive } from '../compose/index.ts';
import { changeOptions } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import { printable } from './printable.ts';
import { type TextStyle, truncate } from './text/index.ts';

interface Result {
  readonly packages: readonly FoundPackage[];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const { commandLine, waitSeconds, metadata } = changeOptions(app, args, 'search');
    const words = args.argumentList('WORD');
    const options = { verb: 'search', commandLine, waitSeconds, metadata, words };
    return { packages: await searchArchive(app, options) };
  },
  toJson: ({ packages }) => ({ schema: 1, packages }),
  render({ packages }, style) {
    if (packages.length === 0) return 'Nothing was found.\n';
    return packages.map(one => `${line(one, style)}\n`).join('');
  },
};

function line(one: FoundPackage, style: TextStyle): string {
  const mark = one.layered ? ' [layered]' : one.installed === null ? '' : ' [installed]';
  const rest = ` - ${printable(one.summary)}`;
  const room = style.columns - one.name.length - mark.length;
  return `${style.bold(one.name)}${style.green(mark)}${truncate(rest, Math.max(room, 20))}`;
}
