import { type ByteString, fromBuffer, toBuffer } from '../../formats/bytes/index.ts';
import { type DpkgDatabase, fileAt, type ReadFile } from './dpkg-database.ts';
import { renderInterest, type TriggerInterest } from './file-triggers.ts';
import type { AssemblyPackage } from './package.ts';
import type { RecordWriter } from './record-writer.ts';

interface TriggerOptions {
  readonly database: DpkgDatabase;
  readonly dropped: ReadonlyMap<string, ReadonlySet<ByteString>>;
  readonly read: ReadFile;
}

/** Packages that wait for a trigger, by its name; `-` is one that nobody waits for. */
type Activations = Map<ByteString, Set<string>>;

/**
 * `triggers/Unincorp` with what the packages activate, by name and by the paths they ship; `triggers/File` and
 * `triggers/NAME` with what they are interested in. dpkg takes Unincorp in before it configures anything.
 * A new package's own interest is not served: as with dpkg, its postinst has to begin from what is there.
 */
export function addTriggers(
  writer: RecordWriter,
  packages: readonly AssemblyPackage[],
  options: TriggerOptions,
): void {
  const { directory } = options.database;
  const text = (name: string) => {
    const file = fileAt(writer.workspace.root, `${directory}/triggers/${name}` as ByteString);
    return file === undefined ? ('' as ByteString) : fromBuffer(options.read(file));
  };
  const write = (name: string, content: string) =>
    writer.write(`${directory}/triggers/${name}` as ByteString, toBuffer(content as ByteString));
  const activations = parseUnincorporated(text('Unincorp'));
  for (const one of packages) activate(one, options, activations);
  if (activations.size > 0) write('Unincorp', renderUnincorporated(activations));
  const lines = fileInterests(packages);
  if (lines.length > 0) write('File', withLines(text('File'), lines));
  for (const [name, interests] of explicitInterests(packages))
    write(name, withLines(text(name), interests.map(renderInterest)));
}

function activate(one: AssemblyPackage, options: TriggerOptions, activations: Activations): void {
  const note = (name: ByteString, awaited: boolean) => {
    const waiting = activations.get(name);
    const word = awaited ? one.infoName : '-';
    if (waiting === undefined) activations.set(name, new Set([word]));
    else waiting.add(word);
  };
  for (const { kind, name, awaited } of one.triggers) if (kind === 'activate') note(name, awaited);
  for (const path of activatedPaths(one, options))
    for (const { awaited } of options.database.fileTriggers.get(path) ?? []) note(path, awaited);
}

/** Paths of file triggers at or above a path that the package stores, where diversions send it. */
function activatedPaths(one: AssemblyPackage, { database, dropped }: TriggerOptions): Set<ByteString> {
  const activated = new Set<ByteString>();
  if (database.fileTriggers.size === 0) return activated;
  const lost = dropped.get(one.infoName);
  const diverted = new Map(
    database.diversions.filter(({ owner }) => owner !== one.name).map(({ from, to }) => [from, to]),
  );
  const seen = new Set<string>();
  const climb = (from: ByteString) => {
    for (
      let path: string = from;
      path !== '' && !seen.has(path);
      path = path.slice(0, path.lastIndexOf('/'))
    ) {
      seen.add(path);
      if (database.fileTriggers.has(path as ByteString)) activated.add(path as ByteString);
    }
  };
  for (const { path } of one.image.entries) if (lost?.has(path) !== true) climb(diverted.get(path) ?? path);
  return activated;
}

function parseUnincorporated(text: ByteString): Activations {
  const activations: Activations = new Map();
  for (const line of text.split('\n')) {
    const [name, ...waiting] = line.split(' ').filter(word => word !== '');
    if (name !== undefined) activations.set(name as ByteString, new Set(waiting));
  }
  return activations;
}

/** The latest first: dpkg hands triggers to a postinst in the reverse order, so in the order they were activated. */
function renderUnincorporated(activations: Activations): string {
  return [...activations]
    .reverse()
    .map(([name, waiting]) => `${name} ${[...waiting].join(' ')}\n`)
    .join('');
}

function fileInterests(packages: readonly AssemblyPackage[]): string[] {
  return packages.flatMap(one =>
    one.triggers
      .filter(({ kind, name }) => kind === 'interest' && name.startsWith('/'))
      .map(({ name, awaited }) => `${name} ${renderInterest({ package: one.infoName, awaited })}`),
  );
}

function explicitInterests(packages: readonly AssemblyPackage[]): Map<ByteString, TriggerInterest[]> {
  const interests = new Map<ByteString, TriggerInterest[]>();
  for (const one of packages)
    for (const { kind, name, awaited } of one.triggers) {
      if (kind !== 'interest' || name.startsWith('/')) continue;
      const interest = { package: one.infoName, awaited };
      interests.set(name, [...(interests.get(name) ?? []), interest]);
    }
  return interests;
}

function withLines(text: ByteString, lines: readonly string[]): string {
  const old = text.split('\n').filter(line => line !== '');
  return [...new Set([...old, ...lines])].map(line => `${line}\n`).join('');
}
