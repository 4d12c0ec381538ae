import { type VulnerabilityCounts, vulnerabilityCounts } from '../compose/index.ts';
import {
  type Deployment,
  type Deployments,
  inactiveRequests,
  type LiveState,
  readDeployments,
  readLiveState,
} from '../deployment/index.ts';
import { describeSignature } from '../formats/image-check/index.ts';
import { type Holder, readHolder } from '../transaction/index.ts';
import type { CommandImplementation } from './definition.ts';
import { statusJson } from './status-json.ts';
import { fields, formatCount, formatDate, type TextStyle } from './text/index.ts';
import { countsText } from './vulnerability-counts.ts';

/** With more packages a stage has no list. */
const NAMED_MAX = 12;

interface Result extends Deployments {
  readonly live: LiveState;
  readonly running: Holder | undefined;
  readonly verbose: boolean;
  /** By deployment; without those of which no data at hand says anything. */
  readonly vulnerabilities: ReadonlyMap<string, VulnerabilityCounts>;
}

export const command: CommandImplementation<Result> = {
  async run(app) {
    const { verbosity } = app.globals;
    const read = readDeployments(app);
    const vulnerabilities = read.deployments.flatMap(one => {
      const counts = vulnerabilityCounts(app, one);
      return counts === undefined ? [] : [[one.id, counts] as const];
    });
    return {
      ...read,
      vulnerabilities: new Map(vulnerabilities),
      live: readLiveState(app.host),
      running: readHolder(app),
      verbose: verbosity === 'verbose' || verbosity === 'debug',
    };
  },
  toJson: result => statusJson(result, result),
  render(result, style) {
    const { running, deployments, damaged } = result;
    const state = running === undefined ? 'idle' : `busy: \`${running.commandLine}\` (pid ${running.pid})`;
    const parts = [`State: ${state}\n`];
    if (result.stagingFailure !== undefined)
      parts.push(style.red(`The staged deployment could not be finalized: ${result.stagingFailure}`), '\n');
    if (deployments.length === 0) parts.push('No deployments.\n');
    else parts.push('Deployments:\n', deployments.map(one => describe(one, result, style)).join('\n'));
    for (const { id, reason } of damaged) parts.push(style.red(`Damaged: ${id}: ${reason}`), '\n');
    return parts.join('');
  },
};

/** As in rpm-ostree: what runs is marked and, when nothing does, what runs next. */
function describe(one: Deployment, result: Result, style: TextStyle): string {
  const anyBooted = result.deployments.some(other => other.booted);
  const marked = anyBooted ? one.booted : one.index === 0;
  const head = `${marked ? '●' : ' '} ${one.id} (index ${one.index})\n`;
  const inactive = inactiveRequests(one);
  const created = formatDate(new Date(one.createdSeconds * 1000));
  const body = fields(
    [
      ['Version', one.version],
      ['Timestamp', created],
      ['Digest', one.image],
      ['Base', one.base?.request],
      ['BaseDigest', one.base?.digest],
      ['SignedBy', one.base?.check?.signatures.map(describeSignature)],
      ['LayeredPackages', one.requestedPackages.filter(name => !inactive.includes(name))],
      ['InactiveRequests', inactive],
      ['LocalPackages', one.requestedLocalPackages],
      ['NotReproducible', one.packagesWithNetwork.map(name => `${name} (its scripts had a network)`)],
      ['RemovedBasePackages', one.baseRemovals],
      ['LocalOverrides', one.baseReplacements],
      ['ExpiredLists', one.expiredArchives],
      ['Pinned', one.pinned ? 'yes' : undefined],
      ['Staged', one.staged ? (one.finalized ? 'yes, and finalized' : 'yes') : undefined],
      ['Vulnerabilities', countsText(result.vulnerabilities.get(one.id))],
      ['ForcedPolicy', forcedText(one)],
      ['Bad', one.bad ? 'it did not come up' : undefined],
      ['Unlocked', one.booted && result.live.unlocked ? '/usr is writable until the next boot' : undefined],
      ['Live', one.booted ? result.live.replaced : undefined],
      ...(result.verbose ? moreFields(one) : []),
    ],
    style,
  );
  return `${marked ? style.bold(head.trimEnd()) : head.trimEnd()}\n${indented(body)}`;
}

/** What rules of the spec it was made against, and by whom. */
function forcedText({ forcedPolicy }: Deployment): string | undefined {
  if (forcedPolicy === undefined) return undefined;
  const { user, uid, reason, refused } = forcedPolicy;
  const who = user === '' ? `user ${uid}` : user;
  return `${refused.join('; ')} (${who}${reason === '' ? '' : `: ${reason}`})`;
}

function moreFields(one: Deployment): [string, string | readonly string[] | undefined][] {
  return [
    ['BaseManifest', one.base?.manifest],
    ['BaseRule', one.base?.check?.rule],
    ['StateRoot', one.name],
    ['Command', one.commandLine],
    ['Transaction', one.transaction],
    ['Labels', Object.entries(one.labels).map(([key, value]) => `${key}=${value}`)],
    ['Packages', one.packages],
    ['Stages', stageLines(one)],
    ['Warnings', one.warnings?.map(({ text }) => text)],
  ];
}

/** How the packages came to be there, where they did not come at once. */
function stageLines({ stages }: Deployment): string[] {
  if (stages.length < 2) return [];
  return stages.map(({ packages, requested }, index) => {
    const named = requested.length === 0 || requested.length > NAMED_MAX ? '' : `: ${requested.join(', ')}`;
    return `${index + 1} of ${stages.length}, ${formatCount(packages, 'package')}${named}`;
  });
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
