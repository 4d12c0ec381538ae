import { resolve } from 'node:path';
import { AptLayerError, errnoOf } from '../errors/index.ts';
import type { ByteString } from '../formats/bytes/index.ts';
import { type IgnoreRule, parseIgnore } from '../formats/containerfile/index.ts';
import { isDirectory, readFileBytes, realPath } from '../fs/index.ts';
import type { Host } from '../host/index.ts';
import type { Sys } from '../sys/index.ts';

/** What an engine builds an image of. Both paths are absolute. */
export interface BuildInput {
  readonly containerfile: string;
  readonly context: string;
  /** Values of `ARG` by name. */
  readonly buildArguments: Readonly<Record<string, string>>;
}

/** The same with what the two files say that decide how the context is read. */
export interface OpenContext extends BuildInput {
  readonly text: Buffer;
  /** What engines leave out; undefined where nothing says so. */
  readonly ignore:
    | { readonly path: string; readonly text: Buffer; readonly rules: readonly IgnoreRule[] }
    | undefined;
}

const TEXT_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the Containerfile and the ignore file that goes with it. NOT_FOUND for a context or a Containerfile that is not there; CONFIG_INVALID
 * for one of the two that is a link out of the context: an engine would show what is behind it.
 */
export function openContext({ sys }: Pick<Host, 'sys'>, input: BuildInput): OpenContext {
  const { context, containerfile } = input;
  if (!isDirectory(sys, `${context}/.`))
    throw new AptLayerError('NOT_FOUND', `${context} is not a directory to build an image of`, {
      hint: 'name the directory with the files that the Containerfile copies',
    });
  const root = leadsTo(sys, context);
  const read = (path: string) => {
    const isInside = path.startsWith(`${context}/`);
    if (isInside && !leadsTo(sys, path).startsWith(root === '/' ? '/' : `${root}/`))
      throw new AptLayerError('CONFIG_INVALID', `${path} is a link to a file outside of ${context}`, {
        hint: 'put the file itself there',
      });
    return readFileBytes(sys, path, TEXT_MAX_BYTES);
  };
  if (sys.lstatIfExists(containerfile) === undefined)
    throw new AptLayerError('NOT_FOUND', `there is no ${containerfile}`, {
      hint: 'name the Containerfile with -f, or under `containerfile` in the spec',
    });
  const ignore = ignoreFiles(input).find(path => sys.lstatIfExists(path) !== undefined);
  const text = ignore === undefined ? undefined : read(ignore);
  return {
    ...input,
    text: read(containerfile),
    ignore:
      ignore === undefined || text === undefined
        ? undefined
        : { path: ignore, text, rules: parseIgnore(text.toString('utf8'), ignore) },
  };
}

/** As engines look for it: one of the Containerfile's own, else that of the context; podman's name before docker's. */
function ignoreFiles({ context, containerfile }: BuildInput): string[] {
  return [containerfile, `${context}/`].flatMap(start => [
    `${start}.containerignore`,
    `${start}.dockerignore`,
  ]);
}

function leadsTo(sys: Sys, path: string): ByteString {
  try {
    return realPath(sys, path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    throw new AptLayerError('NOT_FOUND', `${path} is a link that leads nowhere`, { cause: error });
  }
}

/** As docker and podman call it, the preferred name first. */
const NAMES = ['Containerfile', 'Dockerfile'];

/**
 * The Containerfile of a context: `file` from here or, as podman has it, from the context, else the one that is in the context by its usual name. An absolute path,
 * which need not exist.
 */
export function containerfileIn(
  { sys }: Pick<Host, 'sys'>,
  context: string,
  file: string | undefined,
): string {
  if (file === undefined) {
    const paths = NAMES.map(name => resolve(context, name));
    return paths.find(path => sys.lstatIfExists(path) !== undefined) ?? resolve(context, 'Containerfile');
  }
  const here = resolve(file);
  return sys.lstatIfExists(here) === undefined ? resolve(context, file) : here;
}
