import { AptLayerError } from '../errors/index.ts';
import type { ImageReference } from '../formats/reference/index.ts';
import { ensureDirectory, readFileIfExists } from '../fs/index.ts';
import type { EngineName, Host } from '../host/index.ts';
import { CommandFailed } from '../process/index.ts';
import { step } from '../report/index.ts';
import { type BuildHow, buildCommand } from './arguments.ts';
import type { OpenContext } from './context.ts';
import { contextDigest } from './context-digest.ts';
import type { Engine } from './find-engine.ts';
import { engineOutput } from './output.ts';
import { pullNewer } from './pull-newer.ts';

export interface BuildRequest extends BuildHow {
  readonly engine: Engine;
  readonly context: OpenContext;
  /** Of the context, as it is to be. */
  readonly digest: string;
  /** A directory of the caller's, which what is returned may need. */
  readonly directory: string;
  readonly authFile: string | undefined;
  /** Gets what the engine says, without values of arguments. */
  readonly onOutput: (chunk: Buffer) => void;
  /** Where that is kept, for the hint. */
  readonly logPath: string;
}

/**
 * Has an engine build an image, and returns where it is: in the storage of podman and buildah, or in an archive that docker wrote. BUILD_FAILED has the
 * last lines of the step that failed; FAILED when the context changed meanwhile.
 */
export async function buildImage(host: Host, request: BuildRequest): Promise<ImageReference> {
  const { engine, context, directory, onOutput } = request;
  const { name, version } = engine;
  ensureDirectory(host.sys, directory, 0o700);
  const idFile = `${directory}/id`;
  const output = engineOutput({
    secrets: Object.values(context.buildArguments),
    report: host.report,
    onLine: line => onOutput(Buffer.from(`${line}\n`)),
  });
  if (request.pull === 'newer') await pullNewer(host, { ...request, engine: name });
  const command = buildCommand(host, { ...request, engine: name, idFile });
  await step(host.report, 'engine', `Building ${context.containerfile} with ${name} ${version}`, async () => {
    try {
      await host.runner.run(command, { mergeOutput: true, onOutput: chunk => output.take(chunk) });
    } catch (error) {
      output.end();
      throw error instanceof CommandFailed ? failed(request, output.lastStep()) : error;
    }
  });
  const { digest } = await contextDigest(host, context);
  if (digest !== request.digest)
    throw new AptLayerError('FAILED', `${context.context} changed while an image was built of it`, {
      hint: 'run it again; what writes to it may have to stop for that long',
    });
  return taken(host, { engine: name, id: readId(host, idFile, name), directory });
}

/** Where the image is by its id. docker's storage is its daemon's: it has to write the image out. */
async function taken(
  host: Host,
  { engine, id, directory }: { engine: EngineName; id: string; directory: string },
): Promise<ImageReference> {
  if (engine !== 'docker') return { transport: 'containers-storage', name: `@${id}` };
  const path = `${directory}/image.tar`;
  const args = ['save', `--output=${path}`, `sha256:${id}`];
  await step(host.report, 'save', 'Taking the image from docker', () =>
    host.runner.run({ tool: 'docker', args, env: host.registries.environment }),
  );
  return { transport: 'docker-archive', path };
}

function readId({ sys }: Host, file: string, engine: EngineName): string {
  const text = readFileIfExists(sys, file, 4096)?.toString('utf8').trim() ?? '';
  const id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(text)?.[1];
  if (id !== undefined) return id;
  throw new AptLayerError('FAILED', `${engine} ended well, but does not say which image it built`, {
    hint: `see whether \`${engine} build --iidfile FILE\` writes an id into FILE`,
  });
}

/** Without the command and without what the program itself said: both may have values of arguments. */
function failed({ engine, context, logPath }: BuildRequest, said: string): AptLayerError {
  const { containerfile } = context;
  const text = said === '' ? '' : `:\n${said}`;
  return new AptLayerError('BUILD_FAILED', `${engine.name} cannot build ${containerfile}${text}`, {
    hint: `all that was said is in ${logPath}`,
    details: { engine: engine.name, containerfile, step: said.split('\n')[0] ?? '', log: logPath },
  });
}
