import type { Host } from '../host/index.ts';
import { keyringOf, readKeyring } from './keyring.ts';
import { type AptSource, renderSources } from './sources/index.ts';

/** Lists count however old they are. */
export const UNLIMITED: AptSource['options'] = { 'check-valid-until': 'no' };

/** A repository that a spec adds. */
export interface TargetRepository {
  /** Names its files; letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  readonly types?: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures?: readonly string[];
  readonly signedBy:
    | { readonly kind: 'inline'; readonly key: string }
    /** Absolute, on the host. */
    | { readonly kind: 'file'; readonly path: string };
  /** False for what is old on purpose: an archive may say until when its lists are valid. */
  readonly checkValidUntil?: boolean;
}

/** A file to put into a tree; root owns it. */
export interface TargetFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
}

/** Where the source of a repository is in the system. */
export function targetSourcePath({ name }: TargetRepository): string {
  return `/etc/apt/sources.list.d/apt-layer-${name}.sources`;
}

/**
 * The files that make a system's apt use `repositories`: for each a source and the only key that may sign it. Throws
 * SIGNATURE for a keyring that is missing or is none.
 */
export function renderTargetSources(host: Host, repositories: readonly TargetRepository[]): TargetFile[] {
  return repositories.flatMap(repository => {
    const { name, signedBy } = repository;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw new Error(`unchecked repository name ${name}`);
    const keyring =
      signedBy.kind === 'file'
        ? readKeyring(host.sys, signedBy.path)
        : keyringOf(Buffer.from(`${signedBy.key.trim()}\n`), `the key of the repository ${name}`);
    const keyPath = `/etc/apt/keyrings/apt-layer-${name}.${keyring.extension}`;
    const source: AptSource = {
      types: repository.types ?? ['deb'],
      uris: repository.uris,
      suites: repository.suites,
      components: repository.components,
      architectures: repository.architectures ?? [],
      signedBy: { kind: 'file', path: keyPath },
      options: repository.checkValidUntil === false ? UNLIMITED : {},
    };
    return [
      { path: keyPath, bytes: keyring.bytes, mode: 0o644 },
      {
        path: targetSourcePath(repository),
        bytes: Buffer.from(renderSources([source])),
        mode: 0o644,
      },
    ];
  });
}
