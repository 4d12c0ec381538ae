import type { RegistryReference } from './model.ts';

/** Why a name is none, and what to write instead. */
export interface NameProblem {
  readonly reason: string;
  readonly hint?: string;
}

/** The registry of names without a host, as docker completes them. */
const DEFAULT_REGISTRY = 'docker.io';
/** docker.io has the images that it curates here: `ubuntu` is `library/ubuntu`. */
const CURATED = 'library/';
/** Names of the registry of docker.io that mean the same. */
const DEFAULT_ALIASES: ReadonlySet<string> = new Set(['index.docker.io', 'registry-1.docker.io']);
const NAME_MAX = 255;

// The grammar of github.com/distribution/reference.
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9A-Fa-f:]+\\])(?::([0-9]{1,5}))?$`);
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const PORT_MAX = 65_535;

/** Reads `NAME[:TAG][@DIGEST]`. A name without a host is completed as docker does: `ubuntu` is `docker.io/library/ubuntu`. */
export function readRegistryName(text: string): RegistryReference | NameProblem {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) return notADigest(digest);
  const named = at < 0 ? text : text.slice(0, at);
  // A colon before the last slash belongs to the host's port.
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag))
    return {
      reason: `${JSON.stringify(tag)} is not a tag`,
      hint: 'letters, digits, ".", "_" and "-", 128 at most',
    };
  const name = completed(tagged ? named.slice(0, colon) : named);
  const problem = nameProblem(name);
  if (problem !== undefined) return problem;
  return {
    transport: 'registry',
    ...name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function completed(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  // A host is told from the first part of a path by a dot, a port, `localhost`, or letters that no path may have.
  const isHost = /[.:A-Z]/.test(first) || first === 'localhost';
  const registry = isHost && !DEFAULT_ALIASES.has(first) ? first : DEFAULT_REGISTRY;
  const path = isHost ? name.slice(slash + 1) : name;
  const curated = registry === DEFAULT_REGISTRY && !path.includes('/');
  return { registry, repository: curated ? CURATED + path : path };
}

function nameProblem({
  registry,
  repository,
}: {
  registry: string;
  repository: string;
}): NameProblem | undefined {
  const host = HOST.exec(registry);
  if (host === null || Number(host[1] ?? 0) > PORT_MAX)
    return {
      reason: `${JSON.stringify(registry)} is not the name of a registry`,
      hint: 'write HOST or HOST:PORT',
    };
  if (registry.length + repository.length >= NAME_MAX)
    return { reason: `the name is longer than ${NAME_MAX} characters` };
  const wrong = repository.split('/').find(component => !COMPONENT.test(component));
  if (wrong === undefined) return undefined;
  const lower = wrong.toLowerCase();
  if (COMPONENT.test(lower))
    return {
      reason: `${JSON.stringify(wrong)} has capital letters, which no image's name has`,
      hint: `write ${lower}`,
    };
  return {
    reason: `${JSON.stringify(wrong)} cannot be part of an image's name`,
    hint: 'write one like ubuntu:24.04',
  };
}

function notADigest(text: string): NameProblem {
  return {
    reason: `${JSON.stringify(text)} is not a digest`,
    hint: 'a digest is sha256: and 64 hex digits in lower case',
  };
}

/** Writes a reference as containers-transports(5) has it behind `docker://`: `HOST/PATH[:TAG][@DIGEST]`. */
export function renderRegistryName({ registry, repository, tag, digest }: RegistryReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
