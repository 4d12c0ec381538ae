import { AptLayerError } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import { lastingWarning, log, type Reporter, type Warnings, warn } from '../../report/index.ts';
import type { ImageFinding } from './finding.ts';

/** More than these are counted, not listed. */
const LISTED_MAX = 20;

/** One line for people. */
export function describeImageFinding(finding: ImageFinding): string {
  const { kind, path, package: owner, differs, by, suspects } = finding;
  const name = toText(path);
  const of = owner === undefined ? '' : ` of ${owner}`;
  const may = suspects.length === 0 ? '' : `; scripts of ${suspects.join(', ')} may have done it`;
  const script = by === undefined ? may : `; scripts of ${by} name it`;
  // A package of the base, or of a stage before.
  const before = owner === undefined ? ' of the base' : `${of}, which was there before,`;
  switch (kind) {
    case 'missing':
      return `${name}${of} is missing${script}`;
    case 'changed':
      return `${name}${of} is not as it was shipped (${differs.join(', ')})${script}`;
    case 'unexpected':
      return `${name} appeared, and no package has it${script}`;
    case 'altered':
      return `${name}${before} was changed (${differs.join(', ')})${script}`;
    case 'vanished':
      return `${name}${before} is gone${script}`;
  }
}

/** Reports what was found: warnings to the reporter, errors as one DPKG_FAILED that lists them. */
export function reportFindings(
  report: Reporter,
  findings: readonly ImageFinding[],
  warnings?: Warnings,
): void {
  for (const one of findings.filter(any => any.severity === 'explained' || any.severity === 'skipped'))
    log(report, 'debug', describeImageFinding(one), { ...one, path: toText(one.path) });
  const warned = findings.filter(one => one.severity === 'warning');
  warn(report, warnings, { all: warned.map(warningOf), saidMax: LISTED_MAX });
  const errors = findings.filter(one => one.severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const lines = errors.slice(0, LISTED_MAX).map(describeImageFinding);
  if (errors.length > LISTED_MAX) lines.push(`and ${errors.length - LISTED_MAX} more`);
  const names = [...new Set(errors.flatMap(one => one.package ?? []))];
  const suspects = [...new Set(errors.flatMap(one => one.suspects))];
  const scripted = (suspects[0] ?? names[0] ?? '').replace(/:.*/, '');
  throw new AptLayerError('DPKG_FAILED', `the result is not what its packages ship:\n${lines.join('\n')}`, {
    hint: `leave ${[...new Set([...suspects, ...names])].join(', ')} out, or use another version; --debug shows what each script did; \`apt-layer layer-scripts ${scripted} warn\` takes it as it is`,
    details: { findings: errors.slice(0, LISTED_MAX).map(one => ({ ...one, path: toText(one.path) })) },
  });
}

/** Who may have done it is not part of what it is about: each package that comes later may be one of them. */
function warningOf(finding: ImageFinding) {
  const { kind, path, package: owner, differs, by } = finding;
  const fields = { ...finding, path: toText(path) };
  const about = [kind, toText(path), owner ?? null, differs, by ?? null];
  return { ...lastingWarning(about, describeImageFinding(finding)), fields };
}

/** Throws DPKG_FAILED when what was just merged is not what packages ship: no policy makes that right. */
export function assertAssembled(findings: readonly ImageFinding[]): void {
  if (findings.length === 0) return;
  const lines = findings.slice(0, LISTED_MAX).map(describeImageFinding);
  throw new AptLayerError(
    'DPKG_FAILED',
    `the packages were not merged as they were shipped:\n${lines.join('\n')}`,
    {
      hint: 'this is a mistake of the program: report it with the names and versions of these packages',
      details: { findings: findings.slice(0, LISTED_MAX).map(one => ({ ...one, path: toText(one.path) })) },
    },
  );
}
