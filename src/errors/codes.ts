/**
 * Every error code, with the exit code it ends the program with and what it means. docs/errors.md is
 * generated from this table, so a code that is not here does not exist.
 */
export const ERROR_CODES = {
  FAILED: {
    exit: 1,
    meaning:
      'the operation failed, or something was changed by somebody else meanwhile; the message says why',
  },
  NOT_FOUND: { exit: 1, meaning: 'the named deployment, image, ref or file does not exist' },
  NO_SPACE: { exit: 1, meaning: 'a file system is full' },
  PERMISSION: {
    exit: 1,
    meaning: 'the operation needs root or a permission that is missing, or a file system is read-only',
  },
  COMMAND_FAILED: { exit: 1, meaning: 'a system tool that apt-layer runs ended with an error' },
  USAGE: { exit: 2, meaning: 'the command line is wrong' },
  SPEC_INVALID: { exit: 3, meaning: 'the spec is wrong; the message has file, line and column' },
  CONFIG_INVALID: {
    exit: 3,
    meaning:
      'a configuration, lock or state file is wrong, or written by a newer version; with --locked, there is no lock or it is not of this spec',
  },
  HOST_UNSUPPORTED: {
    exit: 4,
    meaning: 'the host lacks a kernel feature or a tool, or fs-verity, which the spec requires',
  },
  RESOLVE_FAILED: {
    exit: 5,
    meaning:
      'apt found no way to install what was asked, or left something of it out; with --locked, the base is not the one that was locked',
  },
  DPKG_FAILED: {
    exit: 5,
    meaning: 'dpkg or a maintainer script failed, or a strict policy refuses what scripts do',
  },
  POLICY: {
    exit: 5,
    meaning:
      'rules of the spec (`security`) refuse the system; the message names rule, line, vulnerability or package, and what to do',
  },
  BUILD_FAILED: {
    exit: 5,
    meaning: 'a container engine could not build a Containerfile; the message has the last lines of the step',
  },
  INTEGRITY: {
    exit: 6,
    meaning:
      'stored data is damaged or is not what its name says, or a package is not what the archive or the lock says',
  },
  SIGNATURE: {
    exit: 6,
    meaning: 'a signature is missing, wrong, or by an unknown key, or the lists it is of have expired',
  },
  FORMAT: { exit: 6, meaning: 'bytes from outside do not follow their format; the message says where' },
  NETWORK: {
    exit: 7,
    meaning:
      'an archive or registry could not be reached, refused, or has not what its lists or the lock name; or --offline forbids to ask it',
  },
  BUG: { exit: 70, meaning: 'a bug in apt-layer' },
  LOCKED: { exit: 75, meaning: 'another transaction holds the lock, or another apt its own' },
  UNCHANGED: { exit: 77, meaning: 'nothing changed (only with --unchanged-exit-77)' },
  INTERRUPTED: { exit: 130, meaning: 'ended by a signal or `cancel`; nothing was changed' },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
