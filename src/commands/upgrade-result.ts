import type { ChangedPackage, KeptPackage, SinglePackage, UpgradePreview } from '../compose/index.ts';
import { blockLines, sizeLine } from './package-changes.ts';
import { printable } from './printable.ts';
import { formatCount, formatSize, type TextStyle } from './text/index.ts';
import { countsJson, countsText } from './vulnerability-counts.ts';

export interface PreviewOutcome extends UpgradePreview {
  /** Say only whether there is something, and what. */
  readonly brief: boolean;
}

/** What stays behind, and why. */
export function keptLines(
  { kept, keepsBase }: { kept: readonly KeptPackage[]; keepsBase: boolean },
  style: TextStyle,
): string[] {
  if (kept.length === 0 && !keepsBase) return [];
  return [
    style.yellow('Not upgraded:'),
    ...(keepsBase ? ['  the base: what is layered goes with no newer one'] : []),
    ...kept.map(one => `  ${one.name} stays at ${one.version}: ${printable(one.reason)}`),
  ];
}

export function renderPreview(result: PreviewOutcome, style: TextStyle): string {
  const { available, base, changes, incoming, downloadBytes, missed } = result;
  const lines = keptLines(result, style);
  if (!available) lines.push('No upgrade is available.');
  else {
    if (base.current !== base.newest) lines.push(`Base: ${base.request} ${newestBase(base)}`);
    const of = (one: { name: string; architecture: string }) =>
      incoming.get(`${one.name}:${one.architecture}`);
    lines.push(
      ...blockLines(changes, style, {
        note: one => (result.brief ? '' : noteOf(of(one))),
        below: one => (result.brief ? [] : changelogLines(of(one)?.changelog)),
      }),
    );
    const fixes = [...incoming.values()].filter(one => one.isSecurity).length;
    if (fixes > 0) lines.push(style.bold(`Security: ${formatCount(fixes, 'package')}.`));
    lines.push(`To download: ${formatSize(downloadBytes)}. ${sizeLine(changes)}`);
  }
  if (missed.length > 0)
    lines.push(
      style.yellow(
        'Security updates that this upgrade does not bring, since the base image has older versions:',
      ),
      ...missed.map(one => `  ${one.name} ${one.installed} -> ${one.available}`),
    );
  return `${[...lines, ...vulnerabilityLines(result)].join('\n')}\n`;
}

const NAMES_SHOWN = 5;

function vulnerabilityLines({ vulnerabilities, available }: PreviewOutcome): string[] {
  if (vulnerabilities === undefined) return [];
  const { closes, opens, after } = vulnerabilities;
  const named = (ids: readonly string[]) => {
    const more = ids.length - NAMES_SHOWN;
    const list = ids.slice(0, NAMES_SHOWN).join(', ');
    return ids.length === 0 ? '' : ` (${list}${more > 0 ? `, and ${more} more` : ''})`;
  };
  const left = countsText(after) ?? '';
  return [
    available
      ? `Known vulnerabilities: it closes ${closes.length}${named(closes)} and opens ${opens.length}${named(opens)}; then ${left}.`
      : `Known vulnerabilities: ${left}.`,
  ];
}

function newestBase({ newest, newestImage, rebuild }: UpgradePreview['base']): string {
  if (rebuild.length > 0) return `would be built again: ${rebuild.join('; ')}`;
  if (newestImage !== null) {
    const { manifest, layers, bytes } = newestImage;
    return `is ${manifest} now (${formatCount(layers, 'layer')}, ${formatSize(bytes)} to fetch)`;
  }
  return newest === null ? 'has newer packages' : `is ${short(newest)} now`;
}

function noteOf(one: ReturnType<UpgradePreview['incoming']['get']>): string {
  if (one === undefined) return '';
  const notes = [
    ...(one.isSecurity ? ['security'] : []),
    ...(one.origins.length > 0 ? [one.origins.join(', ')] : []),
    ...(one.downloadBytes > 0 ? [formatSize(one.downloadBytes)] : []),
  ];
  return notes.length === 0 ? '' : ` (${notes.join('; ')})`;
}

function changelogLines(
  changelog: NonNullable<ReturnType<UpgradePreview['incoming']['get']>>['changelog'],
): string[] {
  return (changelog?.entries ?? []).flatMap(({ version, text }) =>
    [`${version}:`, ...text.split('\n').filter(line => line.trim() !== '')].map(printable),
  );
}

/** The lists of `db diff --json` with what is known of each package that comes. */
export function previewJson(result: PreviewOutcome): unknown {
  const { available, base, changes, incoming, downloadBytes, missed, kept, keepsBase } = result;
  const full = <T extends SinglePackage | ChangedPackage>(one: T) => {
    const {
      downloadBytes: bytes = 0,
      isSecurity = false,
      origins = [],
      changelog,
    } = incoming.get(`${one.name}:${one.architecture}`) ?? {};
    return {
      ...one,
      downloadBytes: bytes,
      security: isSecurity,
      origins,
      changelog: changelog?.entries ?? null,
    };
  };
  return {
    schema: 1,
    available,
    base,
    upgraded: changes.upgraded.map(full),
    downgraded: changes.downgraded.map(full),
    added: changes.added.map(full),
    removed: changes.removed,
    downloadBytes,
    installedBytesChange: changes.installedBytesChange,
    securityNotIncluded: missed,
    kept,
    keepsBase,
    vulnerabilities:
      result.vulnerabilities === undefined
        ? null
        : { ...result.vulnerabilities, after: countsJson(result.vulnerabilities.after) },
  };
}

function short(digest: string): string {
  return digest.slice(0, 12);
}
