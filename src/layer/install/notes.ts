import { toText } from '../../formats/bytes/index.ts';
import { log, type Reporter } from '../../report/index.ts';
import type { SettledConflict } from '../assemble/index.ts';
import type { PermissionChange } from '../metadata-policy/index.ts';
import type { ImageFinding } from '../validate/index.ts';

/** What an installation has to tell beside its result. */
export interface InstallNotes {
  /** Packages that did not keep the permissions that they ship. */
  readonly permissions: PackagePermissions[];
  /** Conflicts that a policy settled. */
  readonly conflicts: SettledConflict[];
  /** What the validation of the result found, errors apart. */
  readonly findings: ImageFinding[];
}

export interface PackagePermissions {
  /** `NAME`, or `NAME:ARCH` where several may be there. */
  readonly package: string;
  readonly changes: readonly PermissionChange[];
}

export function openNotes(): InstallNotes {
  return { permissions: [], conflicts: [], findings: [] };
}

/** Says which conflicts a policy settled, and keeps them. */
export function noteConflicts(
  report: Reporter,
  notes: InstallNotes | undefined,
  settled: readonly SettledConflict[],
): void {
  notes?.conflicts.push(...settled);
  for (const { path, winner, loser, differs } of settled)
    log(report, 'info', `${toText(path)} is that of ${winner}, not of ${loser}`, {
      path: toText(path),
      winner,
      loser,
      differs,
    });
}

/** Says which packages lost their own permissions, and keeps what changed. */
export function notePermissions(
  report: Reporter,
  notes: InstallNotes,
  { package: name, changes }: PackagePermissions,
): void {
  notes.permissions.push({ package: name, changes });
  const text = ({ user, group, mode }: PermissionChange['before']) =>
    `${user}:${group} ${mode.toString(8).padStart(4, '0')}`;
  for (const { path, before, after } of changes)
    log(report, 'info', `${toText(path) || '/'} of ${name}: ${text(before)} became ${text(after)}`, {
      package: name,
      path: toText(path),
      before,
      after,
    });
}
