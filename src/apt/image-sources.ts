import { AptLayerError, type FormatError } from '../errors/index.ts';
import { type KeyringFile, keyringOf } from './keyring.ts';
import {
  type AptSource,
  admitSource,
  type NamedAddresses,
  parseListFile,
  parseSourcesFile,
  type SignedBy,
} from './sources/index.ts';

/** The files of an image: every symbolic link is followed inside it, as in a chroot. */
export interface ImageFiles {
  /** Undefined where there is no regular file. */
  read(path: string): Buffer | undefined;
  /** Names in a directory, sorted; none where there is no directory. */
  list(path: string): readonly string[];
}

/** A source with the keys that may sign it. */
export interface SignedSource extends AptSource {
  readonly signedBy: undefined;
  /** Empty: those that the system trusts for all of its sources. */
  readonly keyrings: readonly KeyringFile[];
  /** Of those keys, only these; empty for all. */
  readonly fingerprints: readonly string[];
  /** The file of the image that has it. */
  readonly file: string;
  /** Where it is written, for messages: `FILE:LINE`, or the spec's repository. */
  readonly where: string;
  /** What `--disable-repo` calls it. */
  readonly name: string;
  /** The spec asks for it: a build goes nowhere without it. */
  readonly bySpec: boolean;
  /** This machine's apt configuration says what its dates count: it is an archive of this machine. */
  readonly datesOfHost?: boolean;
}

/** The sources of an image and the keys it trusts for those that name none. */
export interface ImageSources {
  readonly sources: readonly SignedSource[];
  readonly trusted: readonly KeyringFile[];
}

export interface ImageSourcesOptions {
  readonly named: NamedAddresses;
  /** Whether a source is passed over, by the name of its file and its addresses. */
  readonly isLeftOut: (file: string, uris: readonly string[]) => boolean;
}

/**
 * Reads apt's sources out of an image, as input from outside: every entry is taken apart, held against what may be used, and
 * can be rendered anew; keys are read from the image. CONFIG_INVALID and SIGNATURE name file and line.
 */
export function readImageSources(files: ImageFiles, options: ImageSourcesOptions): ImageSources {
  const sources = sourceFiles(files)
    .filter(file => !options.isLeftOut(file, []))
    .flatMap(file => sourcesIn(files, file, options));
  const trustedParts = files
    .list('/etc/apt/trusted.gpg.d')
    .filter(name => /^[A-Za-z0-9_.-]+\.(?:gpg|asc)$/.test(name))
    .map(name => `/etc/apt/trusted.gpg.d/${name}`);
  const trusted = ['/etc/apt/trusted.gpg', ...trustedParts].flatMap(path => keyringAt(files, path));
  return { sources, trusted };
}

const DIRECTORY = '/etc/apt/sources.list.d';

/** As apt reads them; it knows only names of this shape. */
function sourceFiles(files: ImageFiles): string[] {
  const parts = files.list(DIRECTORY).filter(name => /^[A-Za-z0-9_.-]+\.(?:list|sources)$/.test(name));
  return ['/etc/apt/sources.list', ...parts.map(name => `${DIRECTORY}/${name}`)];
}

function sourcesIn(
  files: ImageFiles,
  file: string,
  { named, isLeftOut }: ImageSourcesOptions,
): SignedSource[] {
  const text = files.read(file)?.toString('latin1') ?? '';
  const fail = (error: FormatError) => {
    throw new AptLayerError('CONFIG_INVALID', `${file}:${error.position.line}: the source ${error.reason}`, {
      hint: `correct it in the image, or leave it out: --disable-repo ${nameOf(file)}`,
    });
  };
  const parse = file.endsWith('.sources') ? parseSourcesFile : parseListFile;
  return parse(text, fail).flatMap(({ source, line }) => {
    const where = `${file}:${line}`;
    if (isLeftOut(file, source.uris)) return [];
    const expanded = { ...source, uris: source.uris.flatMap(uri => mirrorsIn(files, uri)) };
    const admitted = admitSource(expanded, { file, line }, named);
    if (admitted === undefined || admitted.uris.length === 0) return [];
    const keys = keysOf(files, source.signedBy, where);
    return [{ ...admitted, ...keys, signedBy: undefined, file, where, name: nameOf(file), bySpec: false }];
  });
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** The first address of a `mirror+file:` list (apt-transport-mirror(1)) of the image, as Debian's cloud images have them. */
function mirrorsIn(files: ImageFiles, uri: string): string[] {
  const path = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (path === undefined) return [uri];
  const first = firstMirror(files.read(path)?.toString('latin1') ?? '');
  return first === undefined ? [] : [first];
}

/** The first address in a list of mirrors: one a line, what follows it says how it is preferred. */
export function firstMirror(text: string): string | undefined {
  const line = text
    .split('\n')
    .map(one => one.trim())
    .find(one => one !== '' && !one.startsWith('#'));
  return line?.split(/\s/)[0];
}

function keysOf(
  files: ImageFiles,
  signedBy: SignedBy | undefined,
  where: string,
): Pick<SignedSource, 'keyrings' | 'fingerprints'> {
  if (signedBy === undefined) return { keyrings: [], fingerprints: [] };
  if (signedBy.kind === 'key')
    return {
      keyrings: [keyringOf(Buffer.from(signedBy.armored, 'latin1'), `the key at ${where}`)],
      fingerprints: [],
    };
  const words = signedBy.kind === 'file' ? [signedBy.path] : signedBy.text.split(/[\s,]+/);
  const [paths, fingerprints] = [
    words.filter(one => one.startsWith('/')),
    words.filter(one => !one.startsWith('/')),
  ];
  const odd = fingerprints.find(one => !/^[0-9A-F]{16,64}!?$/i.test(one));
  if (odd !== undefined)
    throw new AptLayerError(
      'CONFIG_INVALID',
      `${where}: Signed-By has ${JSON.stringify(odd)}, which is neither a path nor a fingerprint`,
      {
        hint: 'correct it in the image',
      },
    );
  return { keyrings: paths.map(path => signingKeyring(files, path, where)), fingerprints };
}

function signingKeyring(files: ImageFiles, path: string, where: string): KeyringFile {
  const bytes = files.read(path);
  if (bytes !== undefined) return keyringOf(bytes, `${path}, which ${where} names,`);
  throw new AptLayerError(
    'SIGNATURE',
    `${where}: the image has no keyring ${path}, so nothing of it can be verified`,
    {
      hint: `put the keys of the archive there, or leave the source out: --disable-repo ${nameOf(where.replace(/:\d+$/, ''))}`,
    },
  );
}

/** A keyring that apt could use; it passes over others. */
function keyringAt(files: ImageFiles, path: string): KeyringFile[] {
  const bytes = files.read(path);
  if (bytes === undefined) return [];
  try {
    return [keyringOf(bytes, path)];
  } catch (error) {
    if (error instanceof AptLayerError) return [];
    throw error;
  }
}
