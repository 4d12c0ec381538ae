/** Who looks after a package, by its `Maintainer`. */
export interface Supplier {
  readonly name: string;
  /** Undefined where there is none, or none that everybody would read as one. */
  readonly email: string | undefined;
  readonly isTeam: boolean;
}

const EMAIL = /^[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}$/;
const TEAM = /\b(?:team|maintainers?|group|developers|packagers|project|task force|qa)\b/i;
const TEAM_ADDRESS = /@(?:lists\.|alioth-lists\.|packages\.|tracker\.)|@qa\./i;
const LENGTH_MAX = 256;

/** `NAME <ADDRESS>` in its parts; undefined where there is no name and no address. */
export function supplierOf(maintainer: string): Supplier | undefined {
  const [, before = '', address = ''] =
    /^([^<>]*)(?:<([^<>]*)>)?/.exec(maintainer.slice(0, LENGTH_MAX)) ?? [];
  const email = EMAIL.test(address.trim()) ? address.trim() : undefined;
  const name = before.replace(/[()"]/g, ' ').replace(/\s+/g, ' ').trim() || email;
  if (name === undefined) return undefined;
  return { name, email, isTeam: TEAM.test(name) || TEAM_ADDRESS.test(address) };
}
