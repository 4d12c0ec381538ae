import type { App } from '../app/index.ts';
import { listDeployments, storePath } from '../deployment/index.ts';
import { namePattern } from '../formats/name-pattern/index.ts';
import { openStore } from '../store/index.ts';
import { draftVex, type Finding, isFixable, SEVERITIES, type Severity } from '../vulnerabilities/index.ts';
import type { ParsedArgs } from './args.ts';
import { sarifOf } from './cve-sarif.ts';
import { type AssessedSide, assessSides, findingJson, silencedJson } from './cve-side.ts';
import { renderFindings } from './cve-text.ts';
import type { CommandImplementation } from './definition.ts';
import { currentSide, sideOf } from './diff-sides.ts';

interface Result {
  readonly side: AssessedSide;
  /** What of it is listed. */
  readonly listed: readonly Finding[];
  readonly format: 'text' | 'sarif' | 'vex';
  readonly fails: boolean;
  readonly vex: string;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const [side] = await assessSides(app, args, [sideAsked(app, args.optionalArgument('DEPLOYMENT'))]);
    if (side === undefined) throw new Error('nothing was assessed');
    const listed = side.findings.filter(filterOf(args));
    const failOn = severityOption(args, 'fail-on');
    return {
      side,
      listed,
      format: args.flag('sarif') ? 'sarif' : args.flag('write-vex') ? 'vex' : 'text',
      fails: failOn !== undefined && listed.some(one => isSoSevere(one, failOn)),
      vex: args.flag('write-vex') ? draft(app, side, listed) : '',
    };
  },
  toJson({ side, listed, format, vex }) {
    if (format === 'sarif') return sarifOf(side, listed);
    if (format === 'vex') return JSON.parse(vex);
    return {
      schema: 1,
      ...side.side,
      distribution: side.distribution,
      data: side.data.map(one => ({
        address: one.address,
        kind: one.kind,
        'age-seconds': Math.round(one.ageSeconds),
        releases: one.releases,
      })),
      counts: countsOf(listed),
      findings: listed.map(one => findingJson(one, side)),
      silenced: side.silenced.map(one => silencedJson(one, side)),
      covered: side.covered,
      'not-covered': side.uncovered,
    };
  },
  render({ side, listed, format, vex }, style) {
    if (format === 'sarif') return `${JSON.stringify(sarifOf(side, listed), null, 2)}\n`;
    return format === 'vex' ? vex : renderFindings(side, listed, style);
  },
  exitCode: ({ fails }) => (fails ? 1 : 0),
};

function sideAsked(app: App, wanted: string | undefined) {
  const deployments = listDeployments(app);
  const store = () => openStore(app.host, storePath(app.sysroot));
  const side = wanted === undefined ? currentSide(deployments) : sideOf(store, deployments, wanted);
  return { side, deployment: deployments.find(one => one.id === side.id) };
}

function filterOf(args: ParsedArgs): (one: Finding) => boolean {
  const severity = severityOption(args, 'severity');
  const patterns = args.optionList('package');
  const matches = namePattern(patterns);
  return one =>
    (!args.flag('fixable') || isFixable(one)) &&
    (severity === undefined || isSoSevere(one, severity)) &&
    (matches(one.source) || one.packages.some(({ name }) => matches(name)));
}

function severityOption(args: ParsedArgs, name: string): Severity | undefined {
  return SEVERITIES.find(one => one === args.option(name));
}

function isSoSevere({ severity }: Finding, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

function draft(app: App, side: AssessedSide, listed: readonly Finding[]): string {
  return draftVex(listed, {
    distribution: side.distribution.id,
    author: 'Who says so <name@example.org>',
    id: `apt-layer-${side.side.image.slice(0, 16)}`,
    now: app.host.clock(),
  });
}

function countsOf(listed: readonly Finding[]): object {
  const counted = (words: readonly string[]) =>
    Object.fromEntries([...new Set(words)].map(word => [word, words.filter(one => one === word).length]));
  return {
    total: listed.length,
    fixable: listed.filter(isFixable).length,
    states: counted(listed.map(one => one.state)),
    severities: counted(listed.map(one => one.severity)),
  };
}
