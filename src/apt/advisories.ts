import { type ByteString, toText } from '../formats/bytes/index.ts';
import { fieldValue, parseStanza, parseStanzas, type Stanza } from '../formats/deb822/index.ts';
import { failing } from './failing.ts';
import { firstLine, installedBytes, sourceName } from './records.ts';
import { type AptTarget, callApt } from './target.ts';

/** Where a version comes from, as the signed Release file says it. */
export interface PackageOrigin {
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  readonly site: string;
  /** It publishes security updates. */
  readonly isSecurity: boolean;
}

/** One version of a package in an archive. */
export interface ArchivedPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  /** Of the .deb. */
  readonly sizeBytes: number;
  readonly installedBytes: number;
  readonly source: string;
  readonly summary: string;
  readonly origin: PackageOrigin;
}

/** An index holds the packages of a component for an architecture: the largest have 60 MB. */
const INDEX_MAX_BYTES = 1024 ** 3;

/** Every version of packages with one of `names` in the index files of the target's sources, one for each origin. */
export async function archivedPackages(
  target: AptTarget,
  names: ReadonlySet<string>,
): Promise<ArchivedPackage[]> {
  const command = ['apt-get', 'indextargets', 'Created-By: Packages'];
  const listed = await failing(target, () => callApt(target, { command }));
  const found: ArchivedPackage[] = [];
  for (const stanza of parseStanzas(listed.stdout)) {
    const file = fieldValue(stanza, 'Filename');
    if (file === undefined) continue;
    // The way to read a file that apt may keep compressed.
    const read = ['/usr/lib/apt/apt-helper', 'cat-file', file];
    const options = { maxStdoutBytes: INDEX_MAX_BYTES };
    const index = await failing(target, () => callApt(target, { command: read }, options));
    found.push(...packagesInIndex(index.stdout, names, originOf(stanza)));
  }
  return found;
}

/** What `apt-get indextargets` says of the Release file of an index. */
export function originOf(stanza: Stanza): PackageOrigin {
  const text = (name: string) => toText(fieldValue(stanza, name) ?? ('' as ByteString));
  const [label, suite, codename] = [text('Label'), text('Suite'), text('Codename')];
  const isSecurity =
    label === 'Debian-Security' || [suite, codename].some(name => name.endsWith('-security'));
  return { label, suite, codename, site: text('Site'), isSecurity };
}

const PACKAGE = Buffer.from('\nPackage: ');
const BLANK_LINE = '\n\n';

/** The stanzas of a `Packages` file for `names`, found without parsing the other sixty thousand. */
export function packagesInIndex(
  index: Buffer,
  names: ReadonlySet<string>,
  origin: PackageOrigin,
): ArchivedPackage[] {
  const found: ArchivedPackage[] = [];
  // So that each stanza, the first too, begins behind a newline and ends before a blank line.
  const text = Buffer.concat([Buffer.from('\n'), index, Buffer.from(BLANK_LINE)]);
  for (let at = text.indexOf(PACKAGE); at >= 0; at = text.indexOf(PACKAGE, at + 1)) {
    const start = at + PACKAGE.length;
    const name = text.toString('latin1', start, text.indexOf(0x0a, start)).trim();
    if (!names.has(name)) continue;
    const before = text.lastIndexOf(BLANK_LINE, at);
    const stanza = text.subarray(Math.max(before, 0), text.indexOf(BLANK_LINE, start) + 1);
    const one = archivedPackage(parseStanza(stanza), name, origin);
    if (one !== undefined) found.push(one);
  }
  return found;
}

function archivedPackage(stanza: Stanza, name: string, origin: PackageOrigin): ArchivedPackage | undefined {
  const [version, architecture] = [fieldValue(stanza, 'Version'), fieldValue(stanza, 'Architecture')];
  if (version === undefined || architecture === undefined) return undefined;
  const size = fieldValue(stanza, 'Size') ?? '';
  return {
    name,
    architecture: toText(architecture),
    version: toText(version),
    sizeBytes: /^\d{1,15}$/.test(size) ? Number(size) : 0,
    installedBytes: installedBytes(fieldValue(stanza, 'Installed-Size')),
    source: sourceName(fieldValue(stanza, 'Source')) ?? name,
    summary: firstLine(fieldValue(stanza, 'Description')),
    origin,
  };
}
