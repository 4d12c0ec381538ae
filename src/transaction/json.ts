import { AptLayerError } from '../errors/index.ts';

/** A JSON object of unknown content: each key is checked where it is used. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Larger state files than this are not ours. */
export const STATE_FILE_MAX_BYTES = 4 * 1024 * 1024;

/** Parses text that must be one JSON object; undefined when it is not. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Parses a state file; CONFIG_INVALID, naming `path`, when it is not one JSON object. */
export function parseStateFile(path: string, data: Buffer): JsonObject {
  const value = parseObject(data.toString('utf8'));
  if (value === undefined) throw new AptLayerError('CONFIG_INVALID', `${path} is not a JSON object`);
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The strings of an array; undefined when it is anything else. */
export function stringArray(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every(item => typeof item === 'string') ? value : undefined;
}
