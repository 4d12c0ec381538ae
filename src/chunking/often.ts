/**
 * What archives put into the versions of packages that they update after a release: Debian `+deb13u2` or `~deb12u1`, Ubuntu a number behind
 * that of its own changes (`3ubuntu1.4`, `1ubuntu0.24.04.2`).
 */
const UPDATE = /[+~]deb\d+u\d+|ubuntu\d+\.\d+/;

/** Whether a version is one of an update to a released distribution: what was updated once is likely to be again. */
export function isReleaseUpdate(version: string): boolean {
  return UPDATE.test(version);
}
