import { distributionById, type KnownArchive, type PackageRecord } from '../../apt/index.ts';
import type { Distribution } from '../../vulnerabilities/index.ts';

/** What is known of where a package comes from. */
export interface Provenance {
  /** That of its .deb in the lock, whole; undefined for what a base brings that is of no archive. */
  readonly address: string | undefined;
  readonly archives: readonly KnownArchive[];
  /** Of its image. */
  readonly distribution: Distribution | undefined;
}

/** What a record says of whose a package is. */
type Said = Pick<PackageRecord, 'version' | 'declaredVendor' | 'maintainer'>;

/**
 * Whose package it is, as archives have it in their `Origin`; empty where that is not known. By the address that it was fetched from:
 * the archive there says it, or the shape of the address of a full mirror. In a base that came as an image it counts as the distribution's,
 * unless something in its record speaks against that.
 */
export function vendorOf(one: Said, { address, archives, distribution }: Provenance): string {
  const title = distributionById(distribution?.id ?? '')?.title ?? distribution?.id ?? '';
  if (address === undefined) return isForeign(one, title, distribution) ? one.declaredVendor : title;
  // Backports are in the same pool as the release that they are for.
  if (/~bpo\d+\+/.test(one.version)) return `${title} Backports`;
  const [archive] = archives
    .filter(({ uri }) => address.startsWith(uri))
    .sort((a, b) => b.uri.length - a.uri.length);
  return archive?.vendor ?? vendorByShape(address);
}

/** A full mirror: its own address, `pool`, a component of the distribution, the first letters of the source. */
function vendorByShape(address: string): string {
  const match = /^(.+)\/pool\/(?:updates\/)?([a-z-]+)\/(?:lib)?[a-z0-9]\/[^/]+\/[^/]+$/.exec(address);
  const [, mirror = '', component = ''] = match ?? [];
  const found = ['debian', 'ubuntu']
    .flatMap(id => distributionById(id) ?? [])
    .find(one => one.components.includes(component) && one.isArchive(mirror));
  return found?.title ?? '';
}

/** Marks that others set into versions; Debian itself writes `~deb13u1`. */
const MARKS = /[~+.-](?:pgdg|nodesource|bpo|ppa|deb\.sury|obs|trixie|bookworm|bullseye|noble|jammy|focal)/;

function isForeign(
  { declaredVendor, maintainer, version }: Said,
  title: string,
  distribution: Distribution | undefined,
): boolean {
  if (declaredVendor !== '') return declaredVendor.toLowerCase() !== title.toLowerCase();
  const isUbuntus = /@(?:[a-z0-9.-]+\.)?(?:ubuntu|canonical)\.com>/i.test(maintainer);
  const isDebians = /@(?:[a-z0-9.-]+\.)?(?:debian\.org|alioth-lists\.debian\.net)>/i.test(maintainer);
  switch (distribution?.id) {
    case 'debian':
      return !isDebians && (isUbuntus || MARKS.test(version));
    case 'ubuntu':
      return !isUbuntus && (isDebians || MARKS.test(version));
    default:
      return false;
  }
}
