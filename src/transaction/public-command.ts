import { HIDDEN, publicAddress } from './public-address.ts';

/** Options without a value. After another one the next word counts as its value, and is hidden. */
export const FLAGS: ReadonlySet<string> = new Set([
  ...['--json', '--verbose', '--debug', '--quiet', '--dry-run', '--yes', '--no-color', '--offline'],
  ...['-v', '-q', '-n', '-y', '--help', '-h', '--version', '--validate'],
  ...['--all', '--allow-downgrade', '--allow-replacement', '--at-boot', '--automatic', '--check', '--editor'],
  ...[
    '--force',
    '--fresh',
    '--no-cache',
    '--give-up',
    '--layers',
    '--locked',
    '--no-deploy',
    '--now',
    '--overrides',
    '--packages',
  ],
  ...['--preview', '--print-digest', '--read-only', '--reboot', '--reboot-on-failure', '--refresh'],
  ...['--skip-blocked', '--undo', '--unchanged-exit-77', '--wipe'],
]);

/** Options whose values are no secrets: names, numbers and paths. `--wait` has a value only when it is a number. */
const VALUES: ReadonlySet<string> = new Set([
  ...['--sysroot', '--progress-fd', '--wait', '--ref', '--keep', '--deployment', '--output', '--size'],
  ...[
    '--file',
    '-f',
    '--engine',
    '--install',
    '--uninstall',
    '--bootloader',
    '--filesystem',
    '--hostname',
    '--timezone',
    '--locale',
  ],
]);

/** Verbs whose operands are names: of packages, deployments, images, files and devices. */
const VERBS: ReadonlySet<string> = new Set([
  ...[
    'layer',
    'unlayer',
    'install',
    'uninstall',
    'upgrade',
    'rebase',
    'switch',
    'override',
    'hold',
    'unhold',
  ],
  ...['layer-metadata', 'layer-multiarch', 'layer-scripts', 'reset', 'compose', 'deploy', 'rollback', 'pin'],
  ...['unpin', 'cleanup', 'unstage', 'finalize', 'confirm', 'apply-live', 'soft-reboot', 'bootloader'],
  ...['image', 'build', 'import', 'export', 'fsck', 'refresh-md', 'search', 'scripts', 'usroverlay'],
]);

/**
 * What of a command line anybody may read in the history: the verb, its options, and of operands and values those that the tables
 * above know for names. Everything else may be a secret, such as a kernel argument with a password in it.
 */
export function publicCommandLine(text: string): string {
  const words = wordsOf(text);
  const shown: string[] = [];
  let verb: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') return [...shown, '--', HIDDEN].join(' ');
    if (!word.startsWith('-')) {
      const isVerb = verb === undefined;
      if (isVerb && word !== 'ostree') verb = word;
      shown.push(isVerb || VERBS.has(verb ?? '') ? publicAddress(word) : HIDDEN);
      continue;
    }
    const [option = '', ...rest] = word.split('=');
    const next = words[index + 1] ?? '';
    if (rest.length > 0) shown.push(`${option}=${shownValue(option, rest.join('='))}`);
    else if (FLAGS.has(word) || next === '' || next.startsWith('-')) shown.push(word);
    else if (option === '--wait' && !/^\d+$/.test(next)) shown.push(word);
    else {
      shown.push(word, shownValue(option, next));
      index += 1;
    }
  }
  return shown.join(' ');
}

function shownValue(option: string, value: string): string {
  return VALUES.has(option) ? publicAddress(value) : HIDDEN;
}

/** The words of a command line that was quoted for a shell with single quotes. */
function wordsOf(text: string): string[] {
  const words = text.match(/(?:[^\s'\\]|'[^']*'?|\\.?)+/g) ?? [];
  return words.map(word =>
    word.replace(/'([^']*)'?|\\(.?)/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
  );
}
