import { AptLayerError } from '../../errors/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import type { Directory } from '../../formats/tree/index.ts';
import { type AccountTables, type Clash, type Difference, numberAccounts } from './account-numbers.ts';
import { freeRanges } from './account-ranges.ts';
import type { Contents } from './contents.ts';
import type { OwnedBy } from './image-owners.ts';
import type { Sides } from './same.ts';

/** What is to be done with accounts whose number is another one's on the machine. */
export interface NumberPolicy {
  readonly ownedBy: OwnedBy;
  /** Give them another number also where files of the image are theirs. */
  readonly evenOwners: boolean;
}

export interface Renumbered {
  readonly fresh: Directory | undefined;
  /** Sentences. */
  readonly warnings: readonly string[];
}

/**
 * The /etc of a new image in which no account has a number that is another one's on the machine. FAILED where that would take files of the image from
 * their account.
 */
export function renumbered(
  sides: Sides<Directory> & { readonly mine: Directory },
  contents: Contents,
  policy: NumberPolicy,
): Renumbered {
  const { base, mine, fresh } = sides;
  if (fresh === undefined) return { fresh, warnings: [] };
  const tables = (directory: Directory | undefined): AccountTables => ({
    passwd: textOf(directory, 'passwd', contents),
    group: textOf(directory, 'group', contents),
  });
  const numbers = numberAccounts({ base: tables(base), mine: tables(mine), fresh: tables(fresh) });
  const { clashes, differences } = numbers;
  refuse(clashes, policy);
  const ranges = (name: string) =>
    freeRanges({
      base: textOf(base, name, contents),
      mine: textOf(mine, name, contents),
      fresh: textOf(fresh, name, contents),
    });
  const texts = { ...numbers.fresh, subuid: ranges('subuid'), subgid: ranges('subgid') };
  return {
    fresh: withTexts(fresh, texts, contents),
    warnings: [
      ...clashes.map(one => clashText(one, policy.ownedBy)),
      ...differences.map(one => differenceText(one, policy.ownedBy)),
    ],
  };
}

function refuse(clashes: readonly Clash[], { ownedBy, evenOwners }: NumberPolicy): void {
  const full = clashes.find(one => one.free === undefined);
  if (full !== undefined)
    throw new AptLayerError('FAILED', `no number is free for the ${full.kind} ${full.name} of the new image`);
  const [first] = evenOwners ? [] : clashes.filter(one => ownedBy(one.kind, one.number) !== undefined);
  if (first === undefined) return;
  const { kind, name, number, holder, free } = first;
  const path = ownedBy(kind, number) ?? '';
  const text = `the ${kind} ${name} of the new image has the number ${number}, which is ${holder} on this machine, and owns ${path} there`;
  throw new AptLayerError('FAILED', text, {
    hint:
      `give ${holder} another number on this machine (${kind === 'user' ? 'usermod --uid' : 'groupmod --gid'} NUMBER ${holder}, and its files with it), or go on with ` +
      `--renumber-accounts: ${name} gets ${free ?? ''}, and what it owns in the image is ${holder}'s here`,
    details: { kind, name, number, holder, path },
  });
}

function clashText({ kind, name, number, holder, free }: Clash, ownedBy: OwnedBy): string {
  const path = ownedBy(kind, number);
  const files = path === undefined ? '' : `; ${path} and what else it owns in the image is ${holder}'s here`;
  return `the ${kind} ${name} gets the number ${free ?? ''}, as ${number} is ${holder}'s on this machine${files}`;
}

function differenceText({ kind, name, mine, fresh }: Difference, ownedBy: OwnedBy): string {
  const path = ownedBy(kind, fresh);
  const files =
    path === undefined ? '' : `, so that ${path} and what else it owns in the image is not its own here`;
  return `the ${kind} ${name} has the number ${mine} on this machine and ${fresh} in the new image${files}`;
}

function textOf(directory: Directory | undefined, name: string, contents: Contents): string {
  const node = directory?.entries.get(fromText(name));
  return node?.kind === 'file' ? contents.read(node).toString('latin1') : '';
}

/** The directory with other texts in those of its files that are there. */
function withTexts(fresh: Directory, texts: Readonly<Record<string, string>>, contents: Contents): Directory {
  const entries = new Map(fresh.entries);
  for (const [name, text] of Object.entries(texts)) {
    const node = entries.get(fromText(name));
    if (node?.kind !== 'file' || textOf(fresh, name, contents) === text) continue;
    const bytes = Buffer.from(text, 'latin1');
    entries.set(fromText(name), { ...node, size: bytes.length, content: { kind: 'inline', bytes } });
  }
  return { ...fresh, entries };
}
