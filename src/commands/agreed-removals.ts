import type { App } from '../app/index.ts';
import type { SpecEdit } from '../compose/index.ts';
import { AptLayerError } from '../errors/index.ts';

/**
 * The edit that lets go what a change failed for, because it would remove it, when the user agrees. Else throws the error, with what to
 * type to agree.
 */
export async function agreedRemovals(app: App, verb: string, error: unknown): Promise<SpecEdit> {
  const names = error instanceof AptLayerError ? removable(error) : [];
  if (!(error instanceof AptLayerError) || names.length === 0) throw error;
  const { dryRun, assumeYes } = app.globals;
  const question = `${error.message}. Let ${names.length === 1 ? 'it' : 'them'} go?`;
  const answer = dryRun && !assumeYes ? undefined : await app.confirm(question);
  if (answer === true) return { kind: 'change-removals', add: names, undo: [] };
  throw new AptLayerError(error.code, error.message, {
    hint: `if that is wanted: ${agreeing(app.commandLine, verb, names)}`,
    ...(error.details === undefined ? {} : { details: error.details }),
    cause: error,
  });
}

/** Names for `remove`, which takes no architectures: where one of another would go, only the spec can say so. */
function removable({ details }: AptLayerError): readonly string[] {
  const names: unknown = details?.['wouldRemove'];
  if (!Array.isArray(names)) return [];
  const plain = names.filter(name => typeof name === 'string' && !name.includes(':'));
  return plain.length === names.length ? plain : [];
}

/** Naming what goes agrees to that and to nothing else. */
function agreeing(commandLine: string, verb: string, names: readonly string[]): string {
  if (verb !== 'layer') return `apt-layer -y ${commandLine}`;
  const [words = '', ...rest] = commandLine.split(/(?= -- )/);
  return ['apt-layer ', words, ...names.map(name => ` --remove ${name}`), ...rest].join('');
}
