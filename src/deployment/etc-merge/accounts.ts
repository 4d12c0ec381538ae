import { byName, isCompat, nameOf, takesAll } from './account-table.ts';

/**
 * Merges tables of accounts (passwd(5), group(5), shadow(5) ...) by the name that begins each line. The machine's order and every line that
 * is none of an account stay. Accounts of new packages come at the end, before lines for NIS; nothing is removed, since files may belong to it. Of an account in
 * all three each field is the new image's when the machine did not change it; but ids stay, and members of groups are added and taken away
 * one by one.
 */
export function mergeAccounts(
  texts: { readonly base: string; readonly mine: string; readonly fresh: string },
  options: { readonly lists: readonly number[]; readonly keepIds: boolean },
): string {
  const [base, fresh] = [byName(texts.base), byName(texts.fresh)];
  const present = byName(texts.mine);
  const lines = texts.mine.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const merged = lines.map(line => {
    const name = nameOf(line);
    const [old, latest] = [base.get(name ?? ''), fresh.get(name ?? '')];
    // A name that stands there twice is nobody's to touch.
    if (name === undefined || old === undefined || latest === undefined || present.get(name) !== line)
      return line;
    return mergeFields({ base: old, mine: line, fresh: latest }, options);
  });
  const added = [...fresh].filter(([name]) => !base.has(name) && !present.has(name)).map(([, line]) => line);
  const result = arranged(merged, { added, isOfImage: name => base.has(name) || fresh.has(name) });
  return result.length === 0 ? '' : `${result.join('\n')}\n`;
}

/** New lines come at the end, but where they are found: before lines for NIS. Lines of images that an older merge put behind `+` are moved there, too. */
function arranged(
  lines: readonly string[],
  { added, isOfImage }: { readonly added: readonly string[]; readonly isOfImage: (name: string) => boolean },
): string[] {
  const first = lines.findIndex(isCompat);
  if (first === -1) return [...lines, ...added];
  const all = lines.findIndex(takesAll);
  const isLost = (line: string, index: number) => all !== -1 && index > all && isOfImage(nameOf(line) ?? '');
  return [
    ...lines.slice(0, first),
    ...lines.filter(isLost),
    ...added,
    ...lines.slice(first).filter((line, index) => !isLost(line, index + first)),
  ];
}

/** Fields with the numbers of an account: files on the machine belong to them. */
const ID_FIELDS = [2, 3];

function mergeFields(
  lines: { readonly base: string; readonly mine: string; readonly fresh: string },
  { lists, keepIds }: { readonly lists: readonly number[]; readonly keepIds: boolean },
): string {
  const [base, mine, fresh] = [lines.base, lines.mine, lines.fresh].map(line => line.split(':'));
  if (base === undefined || mine === undefined || fresh === undefined) return lines.mine;
  if (mine.length !== fresh.length || base.length !== mine.length) return lines.mine;
  return mine
    .map((field, index) => {
      const [old = '', latest = ''] = [base[index], fresh[index]];
      if (lists.includes(index)) return mergeMembers(old, field, latest);
      if (keepIds && ID_FIELDS.includes(index)) return field;
      return field === old ? latest : field;
    })
    .join(':');
}

function mergeMembers(base: string, mine: string, fresh: string): string {
  const members = (text: string) => text.split(',').filter(name => name !== '');
  const [old, latest] = [new Set(members(base)), new Set(members(fresh))];
  const kept = members(mine).filter(name => latest.has(name) || !old.has(name));
  const added = [...latest].filter(name => !old.has(name) && !kept.includes(name));
  return [...kept, ...added].join(',');
}
