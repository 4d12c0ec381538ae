import { fromBuffer, fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { type BuildContext, placeFile } from '../../layer/index.ts';
import { readContent } from '../../store/index.ts';
import type { Pin } from '../spec/index.ts';

const ARCHITECTURES = '/var/lib/dpkg/arch';
const PREFERENCES = '/etc/apt/preferences.d/apt-layer.pref';
const STATUS = '/var/lib/dpkg/status';

/** The tree of a system whose dpkg also takes packages of these architectures, as `dpkg --add-architecture` does. */
export function withArchitectures(context: BuildContext, tree: Tree, architectures: readonly string[]): Tree {
  const native = context.host.architecture;
  const known = contentAt(context, tree, ARCHITECTURES)
    .split('\n')
    .filter(line => line !== '');
  const wanted = [...new Set([native, ...known, ...architectures])];
  if (wanted.every(name => name === native || known.includes(name))) return tree;
  const bytes = Buffer.from(wanted.map(name => `${name}\n`).join(''));
  return placeFile(context.store, tree, { path: ARCHITECTURES, bytes, mode: 0o644 });
}

/** The tree of a system whose apt has these pins: apt_preferences(5). */
export function withPins(context: BuildContext, tree: Tree, pins: readonly Pin[]): Tree {
  if (pins.length === 0) return tree;
  const bytes = Buffer.from(pins.map(renderPin).join('\n'));
  return placeFile(context.store, tree, { path: PREFERENCES, bytes, mode: 0o644 });
}

function renderPin({ packages, pin, priority, explanation }: Pin): string {
  const lines = [
    ...(explanation === undefined ? [] : [`Explanation: ${explanation}`]),
    `Package: ${packages.join(' ')}`,
    `Pin: ${pin}`,
    `Pin-Priority: ${priority}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The tree of a system in which the installed ones of these packages are on hold, as with `apt-mark hold`. */
export function withHolds(context: BuildContext, tree: Tree, names: readonly string[]): Tree {
  if (names.length === 0) return tree;
  const before = contentAt(context, tree, STATUS);
  const after = holdInStatus(before, names);
  if (after === before) return tree;
  return placeFile(context.store, tree, { path: STATUS, bytes: Buffer.from(after, 'latin1'), mode: 0o644 });
}

/** The text of dpkg's status file with these packages (`NAME` or `NAME:ARCH`) selected to be held. */
export function holdInStatus(status: string, names: readonly string[]): string {
  const held = new Set(names);
  return status
    .split('\n\n')
    .map(stanza => {
      const name = /^Package: (\S+)$/m.exec(stanza)?.[1] ?? '';
      const architecture = /^Architecture: (\S+)$/m.exec(stanza)?.[1] ?? '';
      return held.has(name) || held.has(`${name}:${architecture}`)
        ? stanza.replace(/^Status: install ok /m, 'Status: hold ok ')
        : stanza;
    })
    .join('\n\n');
}

function contentAt(context: BuildContext, tree: Tree, path: string): string {
  const node = lookup(tree, fromText(path));
  return node?.kind === 'file' ? fromBuffer(readContent(context.store, node)) : '';
}
