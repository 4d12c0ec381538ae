import { changeSystem, checkReproducible, type ReproducibleResult, readSpecFile } from '../compose/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { assertUserRefName } from '../store/index.ts';
import { effectOf, takeEffect } from './after-change.ts';
import {
  type ChangeOutcome,
  deployOptions,
  outcome,
  outcomeExitCode,
  outcomeJson,
  renderOutcome,
} from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import type { TextStyle } from './text/index.ts';

type Result =
  | { readonly kind: 'built'; readonly built: ChangeOutcome }
  | { readonly kind: 'checked'; readonly checked: ReproducibleResult };

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const source = readSpecFile(app.host, args.argument('FILE'));
    const ref = args.option('ref');
    if (ref !== undefined) assertUserRefName(ref);
    const isCheck = args.flag('check');
    if (args.flag('no-cache') && args.flag('locked'))
      throw new AptLayerError('USAGE', '--no-cache and --locked contradict each other');
    const options = {
      ...source,
      ...deployOptions(app, args, isCheck ? 'compose tree --check' : 'compose tree'),
      deploy: !args.flag('no-deploy') && !isCheck,
      locked: args.flag('locked'),
      newName: args.flag('new-name'),
      noCache: args.flag('no-cache'),
      ...(ref === undefined ? {} : { ref }),
    };
    if (isCheck) return { kind: 'checked', checked: await checkReproducible(app, options) };
    const effect = effectOf(app, args);
    const built = await changeSystem(app, options);
    await takeEffect(app, effect, built.deployment !== null);
    return { kind: 'built', built: outcome(built, args) };
  },
  render: (result, style) =>
    result.kind === 'built' ? renderOutcome(result.built, style) : renderCheck(result.checked, style),
  toJson: result => (result.kind === 'built' ? outcomeJson(result.built) : result.checked),
  exitCode(result) {
    if (result.kind === 'built') return outcomeExitCode(result.built);
    return result.checked.reproducible ? 0 : 1;
  },
};

function renderCheck({ reproducible, images, differences }: ReproducibleResult, style: TextStyle): string {
  if (reproducible) return `${style.bold('Reproducible')}: both builds are ${images[0]}\n`;
  const lines = differences.map(({ path, aspects }) => `  ${path}: ${aspects.join(', ')}`);
  return [`${style.bold('Not reproducible')}: ${images[0]} and ${images[1]} differ in`, ...lines, ''].join(
    '\n',
  );
}
