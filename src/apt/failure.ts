import { AptLayerError, type ErrorOptions } from '../errors/index.ts';
import { badSignature, damaged, missingSuite, notSigned, unreachable, unsigned } from './failure-archive.ts';
import type { Classify, FailureContext } from './failure-context.ts';
import { contradiction, dpkgFailed, scriptFailed, unknownPackages } from './failure-packages.ts';
import { allMatches, cleanOutput, quoteLines } from './failure-text.ts';

const fullDisk: Classify = (text, _context, options) => {
  if (!/No space left on device|You don't have enough free space in/.test(text)) return undefined;
  const place = /You don't have enough free space in (\S+?)\.?$/m.exec(text)?.[1];
  const script = /^dpkg: error processing (?:package|archive) (\S+)/m.exec(text)?.[1];
  const what = script === undefined ? 'for what apt fetches or unpacks' : `when dpkg was at ${script}`;
  return new AptLayerError('NO_SPACE', `no space left${place === undefined ? '' : ` in ${place}`} ${what}`, {
    ...options,
    hint: 'free some space on the file system of the sysroot (`apt-layer cleanup` drops what no deployment needs)',
  });
};

const badConfiguration: Classify = (text, _context, options) => {
  const lines = allMatches(
    text,
    /^E: ((?:Malformed (?:entry|line|stanza)|Conflicting values set|Type '.*' is not known|Syntax error|The method driver|Invalid record in the preferences).*)$/gm,
  );
  if (lines.length === 0) return undefined;
  return new AptLayerError('CONFIG_INVALID', `apt cannot use its configuration:\n${quoteLines(lines, 6)}`, {
    ...options,
    hint: 'correct the source or the setting it names',
  });
};

const locked: Classify = (text, _context, options) => {
  const line = /^E: (Could not get lock .*)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  return new AptLayerError('LOCKED', line, {
    ...options,
    hint: 'wait for the other apt to end, and run it again',
  });
};

/** The order matters: a full disk shows as a failed fetch, what a failing script ran (apt itself, maybe) says what only the script meant, a forbidden index as an unsigned one. */
const RULES: readonly Classify[] = [
  fullDisk,
  scriptFailed,
  locked,
  badConfiguration,
  badSignature,
  notSigned,
  damaged,
  unreachable,
  missingSuite,
  unsigned,
  dpkgFailed,
  unknownPackages,
  contradiction,
];

/**
 * What the output of a failed apt-get, dpkg or mmdebstrap means. `output` is best stderr with stdout (the reasons of
 * unmet dependencies are on stdout up to apt 2.x); stderr alone gives the right code too. Never throws.
 */
export function classifyAptFailure(output: string, context: FailureContext = {}): AptLayerError {
  const text = cleanOutput(output);
  const options: ErrorOptions = context.cause === undefined ? {} : { cause: context.cause };
  for (const rule of RULES) {
    const error = rule(text, context, options);
    if (error !== undefined) return error;
  }
  const errors = allMatches(text, /^E: (.*)$/gm);
  const lines =
    errors.length > 0
      ? errors
      : text
          .split('\n')
          .filter(line => line.trim() !== '')
          .slice(-5);
  return new AptLayerError(
    'COMMAND_FAILED',
    `apt failed${lines.length === 0 ? '' : `:\n${quoteLines(lines, 8)}`}`,
    {
      ...options,
      hint: "see the transaction's log for all that apt printed",
    },
  );
}
