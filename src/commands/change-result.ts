import type { App } from '../app/index.ts';
import type { ChangeOptions, ChangeResult, PackageRoute } from '../compose/index.ts';
import { AptLayerError } from '../errors/index.ts';
import type { ParsedArgs } from './args.ts';
import { formatCount, type TextStyle } from './text/index.ts';

/** A result and how its verb was asked to end. */
export interface ChangeOutcome extends ChangeResult {
  readonly unchangedExitCode: number;
}

/** The options that every verb which builds has in common. */
export function changeOptions(app: App, args: ParsedArgs, verb: string): Omit<ChangeOptions, 'deploy'> {
  return {
    verb,
    commandLine: app.commandLine,
    waitSeconds: app.globals.waitSeconds,
    dryRun: app.globals.dryRun,
    explain: app.globals.verbosity === 'verbose' || app.globals.verbosity === 'debug',
    metadata: metadataOptions(app, args.flag('refresh')),
  };
}

/** The same for verbs that also make a deployment. */
export function deployOptions(app: App, args: ParsedArgs, verb: string): Omit<ChangeOptions, 'deploy'> {
  return {
    ...changeOptions(app, args, verb),
    renumberAccounts: args.flag('renumber-accounts'),
    fresh: args.flag('fresh'),
    ...forcedPolicy(args),
  };
}

/** What `--force-policy` says. */
export function forcedPolicy(args: ParsedArgs): Pick<ChangeOptions, 'forcePolicy'> {
  const reason = args.option('force-policy')?.trim();
  if (reason === undefined) return {};
  if (reason === '') throw new AptLayerError('USAGE', '--force-policy needs a reason');
  return { forcePolicy: reason };
}

/** How package lists are used, as every verb takes it. */
export function metadataOptions({ globals }: App, refresh: boolean): ChangeOptions['metadata'] {
  return { offline: globals.offline, refresh, withoutSources: globals.disabledRepos };
}

export function outcome(result: ChangeResult, args: ParsedArgs): ChangeOutcome {
  return { ...result, unchangedExitCode: args.flag('unchanged-exit-77') ? 77 : 0 };
}

export function outcomeExitCode(result: ChangeOutcome): number {
  return result.changed ? 0 : result.unchangedExitCode;
}

export function outcomeJson({ unchangedExitCode: _, ...result }: ChangeOutcome): unknown {
  return result;
}

export function renderOutcome(result: ChangeOutcome, style: TextStyle): string {
  const lines = [...baseLines(result), ...packageLines(result, style)];
  if (!result.changed) lines.push('Nothing changed.');
  else if (result.dryRun) lines.push('Nothing was changed (--dry-run).');
  if (result.ref !== null) lines.push(`Image ${style.bold(short(result.image))} is local://${result.ref}`);
  if (result.forcedPolicy !== null)
    lines.push(`Against rules of the spec: ${result.forcedPolicy.refused.join('; ')}`);
  if (result.deployment !== null) lines.push(`New deployment: ${style.bold(result.deployment)}`);
  else if (result.ref === null && result.changed && result.image !== null)
    lines.push(`Image: ${result.image}`);
  return `${lines.join('\n')}\n`;
}

/** More are only counted; --json has all. */
const NAMED_MAX = 12;

/** How many packages another base brings, takes and changes, each list on a line; none when the base stays. */
export function baseLines({ base, basePackages }: ChangeResult): string[] {
  if (basePackages === null) return [];
  const { added, removed, upgraded, downgraded } = basePackages;
  const list = (title: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [
          `  ${title} (${names.length}): ${names.slice(0, NAMED_MAX).join(', ')}${names.length > NAMED_MAX ? ' ...' : ''}`,
        ];
  const change = ({ name, from, to }: { name: string; from: string; to: string }) =>
    `${name} ${from} -> ${to}`;
  const lines = [
    ...list(
      'added',
      added.map(one => `${one.name} ${one.version}`),
    ),
    ...list('upgraded', upgraded.map(change)),
    ...list('downgraded', downgraded.map(change)),
    ...list(
      'gone',
      removed.map(one => `${one.name} ${one.version}`),
    ),
  ];
  if (lines.length === 0) return [`The new base ${base.request} has the packages of the one before.`];
  return [`Packages of the new base ${base.request}, compared with those of the one before:`, ...lines];
}

function packageLines({ packages, removed, routes }: ChangeOutcome, style: TextStyle): string[] {
  const lines: string[] = [];
  const section = (title: string, entries: readonly string[]) => {
    if (entries.length > 0)
      lines.push(
        style.bold(`${title} (${formatCount(entries.length, 'package')}):`),
        ...entries.map(entry => `  ${entry}`),
      );
  };
  const change = (entry: { name: string; from: string; to: string }) =>
    `${entry.name} ${entry.from} -> ${entry.to}`;
  section(
    'Added',
    packages.added.map(entry => `${entry.name} ${entry.version}`),
  );
  section('Upgraded', packages.upgraded.map(change));
  section('Downgraded', packages.downgraded.map(change));
  section(
    'Dropped',
    packages.removed.map(entry => `${entry.name} ${entry.version}`),
  );
  section('Removed from the base', removed);
  if (routes !== null) section('How they get in', routes.map(routeLine));
  return lines;
}

function routeLine({ name, step, route, reasons, preinst }: PackageRoute): string {
  const why = route === 'dpkg' ? `unpacked by dpkg: ${reasons.join('; ')}` : 'assembled from the store';
  const script = { none: '', 'no-op': ', preinst does nothing', run: ', preinst runs' }[preinst];
  return `${step}. ${name}: ${why}${script}`;
}

function short(digest: string | null): string {
  return digest?.slice(0, 12) ?? '';
}
