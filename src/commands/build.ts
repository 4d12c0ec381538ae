import { resolve } from 'node:path';
import { type BuiltBase, buildBase, checkBuildArgument } from '../compose/index.ts';
import { containerfileIn } from '../engine/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { assertUserRefName } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { formatCount, formatSize } from './text/index.ts';

export const command: CommandImplementation<BuiltBase> = {
  run(app, args) {
    const { dryRun, waitSeconds, offline } = app.globals;
    const context = resolve(args.argument('CONTEXT'));
    const ref = args.option('ref') ?? null;
    if (ref !== null) assertUserRefName(ref);
    return buildBase(app, {
      ...{ verb: 'build', commandLine: app.commandLine, waitSeconds, dryRun, offline, ref },
      fresh: args.flag('no-cache'),
      input: {
        context,
        containerfile: containerfileIn(app.host, context, args.option('file')),
        buildArguments: Object.fromEntries(args.optionList('build-arg').map(argumentOf)),
      },
    });
  },
  render({ image, ref, engine, context, entries, layers }) {
    const what = `${formatCount(context.files, 'file')} (${formatSize(context.bytes)})`;
    if (image === null) return `${engine} would build an image of ${what}. Nothing was built (--dry-run).\n`;
    const where = ref === null ? '' : `, local://${ref}`;
    return `${image}\n${entries} entries of ${layers.all} layers, ${layers.imported} of them new${where}\n`;
  },
};

/** The word is in no message: it may be a secret. */
function argumentOf(word: string): [string, string] {
  const at = word.indexOf('=');
  if (at < 0)
    throw new AptLayerError('USAGE', '--build-arg: there is no = in the value', { hint: 'write NAME=VALUE' });
  const name = checkBuildArgument(word.slice(0, at));
  if ('value' in name) return [name.value, word.slice(at + 1)];
  throw new AptLayerError('USAGE', `--build-arg: ${name.reason}`, { hint: name.hint });
}
