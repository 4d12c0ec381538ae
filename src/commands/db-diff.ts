import type { App } from '../app/index.ts';
import {
  type ChangedPackage,
  changelogOf,
  comparePackages,
  type PackageComparison,
  type SinglePackage,
} from '../compose/index.ts';
import { listDeployments, storePath } from '../deployment/index.ts';
import { openStore, readImage, type Store } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { diffSides, type Side } from './diff-sides.ts';
import { blockLines, diffLines, isEmptyComparison, sizeLine } from './package-changes.ts';
import { printable } from './printable.ts';
import { packagesOfSide } from './side-packages.ts';

type Changelog = Awaited<ReturnType<typeof changelogOf>>;

interface Result {
  readonly from: Side;
  readonly to: Side;
  readonly changes: PackageComparison;
  readonly format: 'block' | 'diff';
  /** By `name:architecture` of upgraded packages; undefined when they were not asked for. */
  readonly changelogs: ReadonlyMap<string, Changelog> | undefined;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const store = () => openStore(app.host, storePath(app.sysroot));
    const deployments = listDeployments(app);
    const sides = diffSides(store, deployments, {
      a: args.optionalArgument('A'),
      b: args.optionalArgument('B'),
    });
    const on = { ...app, deployments };
    const changes = comparePackages(
      packagesOfSide(on, store, sides.from),
      packagesOfSide(on, store, sides.to),
    );
    return {
      ...sides,
      changes,
      format: args.choice('format', ['block', 'diff']),
      changelogs: args.flag('changelogs')
        ? await changelogsOf(app, store(), { ...sides, changes })
        : undefined,
    };
  },
  toJson,
  render(result, style) {
    const { from, to, changes, changelogs } = result;
    const lines = [`from ${title(from)}`, `to   ${title(to)}`];
    if (isEmptyComparison(changes)) return `${[...lines, 'No differences.'].join('\n')}\n`;
    if (result.format === 'diff') return `${diffLines(changes).join('\n')}\n`;
    const below = (one: SinglePackage | ChangedPackage) => changelogLines(changelogs?.get(keyOf(one)));
    return `${[...lines, ...blockLines(changes, style, { below }), sizeLine(changes)].join('\n')}\n`;
  },
};

async function changelogsOf(
  app: App,
  store: Store,
  { from, to, changes }: { from: Side; to: Side; changes: PackageComparison },
): Promise<Map<string, Changelog>> {
  const { upgraded, downgraded } = changes;
  const found = new Map<string, Changelog>();
  if (upgraded.length > 0) {
    const tree = readImage(store, to.image);
    for (const one of upgraded)
      found.set(keyOf(one), await changelogOf({ host: app.host, store }, tree, one));
  }
  if (downgraded.length > 0) {
    const tree = readImage(store, from.image);
    // What going back takes away is what the version before had on top.
    for (const one of downgraded)
      found.set(
        keyOf(one),
        await changelogOf({ host: app.host, store }, tree, { ...one, from: one.to, to: one.from }),
      );
  }
  return found;
}

/** Kinds of change in rpm-ostree's `pkgdiff`. */
const KINDS = { added: 0, removed: 1, upgraded: 2, downgraded: 3 } as const;

/** The keys of `rpm-ostree db diff --format=json`, and the lists with sizes. */
function toJson({ from, to, changes, changelogs }: Result): unknown {
  const triple = (one: { name: string; architecture: string }, version: string) => [
    one.name,
    version,
    one.architecture,
  ];
  const single = (kind: 'added' | 'removed', key: string) => (one: SinglePackage) => [
    one.name,
    KINDS[kind],
    { [key]: triple(one, one.version) },
  ];
  const change = (kind: 'upgraded' | 'downgraded') => (one: ChangedPackage) => [
    one.name,
    KINDS[kind],
    { PreviousPackage: triple(one, one.from), NewPackage: triple(one, one.to) },
  ];
  const pkgdiff = [
    ...changes.added.map(single('added', 'NewPackage')),
    ...changes.removed.map(single('removed', 'PreviousPackage')),
    ...changes.upgraded.map(change('upgraded')),
    ...changes.downgraded.map(change('downgraded')),
  ].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  return {
    schema: 1,
    'ostree-commit-from': from.image,
    'ostree-commit-to': to.image,
    pkgdiff,
    from,
    to,
    ...changes,
    changelogs:
      changelogs === undefined
        ? null
        : [...changelogs].map(([name, changelog]) => ({
            package: name,
            entries: changelog?.entries ?? null,
            truncated: changelog?.truncated ?? false,
          })),
  };
}

function changelogLines(changelog: Changelog): string[] {
  if (changelog === undefined) return [];
  const lines = changelog.entries.flatMap(({ version, distributions, urgency, text, author, date }) => [
    `${version} ${distributions}${urgency === '' ? '' : ` (${urgency})`}${date === '' ? '' : `, ${date}`}${author === '' ? '' : `, ${author}`}`,
    ...text.split('\n'),
    '',
  ]);
  if (changelog.truncated) lines.push('(and older entries)', '');
  return lines.map(printable);
}

function title({ id, image }: Side): string {
  return id === null ? image : `${id} (${image.slice(0, 12)})`;
}

function keyOf({ name, architecture }: { name: string; architecture: string }): string {
  return `${name}:${architecture}`;
}
