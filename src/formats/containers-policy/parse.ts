import { AptLayerError } from '../../errors/index.ts';
import type { Policy, Requirement } from './model.ts';
import { repeatedKey } from './repeated-key.ts';

/**
 * Reads a policy as strictly as containers-policy.json(5) wants it: what is not known above the requirements, or stands there twice, makes
 * all of it invalid. `path` is for messages: CONFIG_INVALID. What is in a requirement is for who checks it to understand.
 */
export function parsePolicy(text: string, path: string): Policy {
  const fail = (reason: string, cause?: unknown) =>
    new AptLayerError('CONFIG_INVALID', `${path}: ${reason}`, {
      hint: 'containers-policy.json(5) says how it is written',
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail('it is not JSON', error);
  }
  const twice = repeatedKey(text);
  if (twice !== undefined) throw fail(`${JSON.stringify(twice)} stands there twice`);
  const root = objectOf(value);
  if (root === undefined) throw fail('it is no object');
  const unknown = Object.keys(root).find(key => key !== 'default' && key !== 'transports');
  if (unknown !== undefined) throw fail(`the key ${JSON.stringify(unknown)} is not known`);
  const requirements = (found: unknown, where: string): Requirement[] => {
    if (!Array.isArray(found) || found.length === 0 || !found.every(isRequirement))
      throw fail(`${where} must be a list of requirements that is not empty, each with a \`type\``);
    return found;
  };
  const transports = objectOf(root['transports'] ?? {});
  if (transports === undefined) throw fail('`transports` is no object');
  return {
    default: requirements(root['default'], '`default`'),
    transports: new Map(
      Object.entries(transports).map(([transport, found]) => {
        const scopes = objectOf(found);
        if (scopes === undefined) throw fail(`${JSON.stringify(transport)} is no object`);
        const entries = Object.entries(scopes).map(
          ([scope, one]) => [scope, requirements(one, `${transport} ${JSON.stringify(scope)}`)] as const,
        );
        return [transport, new Map(entries)];
      }),
    ),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isIt = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isIt ? (value as Record<string, unknown>) : undefined;
}

function isRequirement(value: unknown): value is Requirement {
  return typeof objectOf(value)?.['type'] === 'string';
}
