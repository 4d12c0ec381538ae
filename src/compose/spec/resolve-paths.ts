import { posix } from 'node:path';
import type { BaseImage, Spec } from './model.ts';

/**
 * The spec with each path on the building machine made absolute, so that it means the same from anywhere: the
 * base image, keyring, `./file.deb`, `source` of files and scripts, inputs of scripts, and files with keys. `baseDirectory` is the directory of the spec file.
 */
export function resolvePaths(spec: Spec, baseDirectory: string): Spec {
  if (!posix.isAbsolute(baseDirectory)) throw new Error(`${baseDirectory} is not an absolute directory`);
  const resolved = mapPaths(spec, path => posix.resolve(baseDirectory, path));
  return { ...resolved, baseImage: absoluteBase(spec.baseImage, baseDirectory) };
}

/** The same of a base that is a layout, an archive or a Containerfile of the building machine. Its bytes are no input: the lock has its digest. */
export function absoluteBase(base: BaseImage, baseDirectory: string): BaseImage {
  if (base.kind === 'containerfile') {
    const [containerfile, context] = [base.containerfile, base.context];
    return {
      ...base,
      containerfile: posix.resolve(baseDirectory, containerfile),
      context: posix.resolve(baseDirectory, context),
    };
  }
  if (base.kind !== 'image' || !('path' in base.reference)) return base;
  const { reference } = base;
  return { ...base, reference: { ...reference, path: posix.resolve(baseDirectory, reference.path) } };
}

/** The files of the building machine that a spec reads, each once, sorted; inputs of scripts may be directories. */
export function inputFiles(spec: Spec): readonly string[] {
  const inputs = pathValues(spec).filter(({ path }) => path[1] !== 'vulnerabilities');
  return [...new Set(inputs.map(({ value }) => value))].sort();
}

/** Each path on the building machine, with its place in the file. */
export function pathValues(
  spec: Omit<Spec, 'baseImage'>,
): readonly { path: readonly (string | number)[]; value: string }[] {
  const { keyring } = spec.bootstrap;
  return [
    ...(keyring === undefined ? [] : [{ path: ['bootstrap', 'keyring'], value: keyring }]),
    ...spec.layers.flatMap((request, index) =>
      request.kind === 'file'
        ? [
            {
              path: isPolicied(spec, request.path) ? ['layers', index, 'package'] : ['layers', index],
              value: request.path,
            },
          ]
        : [],
    ),
    ...spec.files.flatMap((file, index) =>
      file.kind === 'source' ? [{ path: ['files', index, 'source'], value: file.source }] : [],
    ),
    ...spec.repositories.flatMap(({ signedBy }, index) =>
      signedBy.kind === 'file' ? [{ path: ['repositories', index, 'signed-by'], value: signedBy.path }] : [],
    ),
    ...(spec.security.images?.keys ?? []).flatMap((key, index) =>
      key.kind === 'file' ? [{ path: ['security', 'images', 'keys', index], value: key.path }] : [],
    ),
    ...spec.overrides.flatMap((override, index) => {
      if (override.kind !== 'with') return [];
      const [only] = override.debs;
      if (override.debs.length === 1 && only?.kind === 'file')
        return [{ path: ['overrides', index, 'with'], value: only.path }];
      return override.debs.flatMap((deb, at) =>
        deb.kind === 'file' ? [{ path: ['overrides', index, 'with', at], value: deb.path }] : [],
      );
    }),
    ...spec.scripts.flatMap((script, index) => [
      ...(script.kind === 'source' ? [{ path: ['scripts', index, 'source'], value: script.source }] : []),
      ...script.inputs.map((value, at) => ({ path: ['scripts', index, 'inputs', at], value })),
    ]),
    ...spec.security.vex.map((value, at) => ({ path: ['security', 'vulnerabilities', 'vex', at], value })),
  ];
}

/** An entry with policies of its own is a map. */
function isPolicied({ layerPolicies }: Pick<Spec, 'layerPolicies'>, path: string): boolean {
  return layerPolicies.some(policy => policy.package === path);
}

/** The spec with `change` applied to each path on the building machine. */
export function mapPaths(spec: Spec, change: (path: string) => string): Spec {
  const { keyring } = spec.bootstrap;
  const { images } = spec.security;
  return {
    ...spec,
    bootstrap: { ...spec.bootstrap, ...(keyring === undefined ? {} : { keyring: change(keyring) }) },
    layers: spec.layers.map(request =>
      request.kind === 'file' ? { ...request, path: change(request.path) } : request,
    ),
    layerPolicies: spec.layerPolicies.map(policy =>
      spec.layers.some(request => request.kind === 'file' && request.path === policy.package)
        ? { ...policy, package: change(policy.package) }
        : policy,
    ),
    files: spec.files.map(file => (file.kind === 'source' ? { ...file, source: change(file.source) } : file)),
    repositories: spec.repositories.map(repository =>
      repository.signedBy.kind === 'file'
        ? { ...repository, signedBy: { kind: 'file', path: change(repository.signedBy.path) } }
        : repository,
    ),
    overrides: spec.overrides.map(override =>
      override.kind === 'with'
        ? {
            ...override,
            debs: override.debs.map(deb => (deb.kind === 'file' ? { ...deb, path: change(deb.path) } : deb)),
          }
        : override,
    ),
    security: {
      ...spec.security,
      vex: spec.security.vex.map(change),
      ...(images !== undefined && {
        images: {
          keys: images.keys.map(key => (key.kind === 'file' ? { ...key, path: change(key.path) } : key)),
        },
      }),
    },
    scripts: spec.scripts.map(script => ({
      ...script,
      inputs: script.inputs.map(change),
      ...(script.kind === 'source' ? { source: change(script.source) } : {}),
    })),
  };
}
