import { relationsIfRight } from '../../formats/deb822/index.ts';
import { releaseKey } from '../model.ts';

/** What a system is, by its os-release. */
export interface Distribution {
  /** `debian`. */
  readonly id: string;
  /** `trixie`; empty where it does not say. */
  readonly codename: string;
  /** `13`; empty where it does not say. */
  readonly version: string;
}

/** A source package in one version. */
export interface SourceVersion {
  readonly source: string;
  readonly version: string;
}

/** What of a package on record decides which vulnerabilities it has. */
export interface SystemPackage extends SourceVersion {
  readonly name: string;
  readonly architecture: string;
  /** Of the binary package: that of a rebuild (`+b1`) is not that of its source. */
  readonly packageVersion: string;
  /** Sources of which there is code in it: `Built-Using` and `Static-Built-Using`, as the record has them. */
  readonly builtUsing: string;
  /** Whose package it is, as the `Origin` of an archive: `Debian`; empty where that is not known. */
  readonly vendor: string;
  readonly isInBase: boolean;
}

/** A source whose vulnerabilities a package has. */
export interface Ingredient extends SourceVersion {
  /** It is no part of the package's own source, and an update of it alone changes nothing here. */
  readonly isBuiltIn: boolean;
}

const SIGNED = /-signed(?:-[a-z0-9]+)?$/;

/**
 * The sources of a package: its own, and those of which there is code in it. What is only signed (`linux-signed-amd64`) has the versions
 * of the source that was signed, which is the one that data knows.
 */
export function ingredientsOf({ source, version, builtUsing }: SystemPackage): Ingredient[] {
  const isBuiltIn = !SIGNED.test(source);
  const used = relationsIfRight(builtUsing).flatMap(([first]) =>
    first?.version === undefined || first.name === source
      ? []
      : [{ source: first.name, version: first.version.version, isBuiltIn }],
  );
  return [{ source, version, isBuiltIn: false }, ...used];
}

/** The names that data may have for a release. */
export function releaseNames({ id, codename, version }: Distribution): string[] {
  return [codename, version].filter(one => one !== '').map(one => releaseKey(id, one));
}
