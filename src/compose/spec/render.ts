import { Document, Scalar, visit } from 'yaml';
import { containerfileBase, renderBaseImage } from './base-image.ts';
import type { BaseImage, Bootstrap, Repository, Spec, SpecFile } from './model.ts';
import { filled, type Plain, present } from './render-plain.ts';
import { plainLayer, plainPolicies, plainSystem } from './render-policies.ts';
import { DEFAULT_VARIANT, SERVICE_VERBS } from './schema.ts';

/** Characters that a block of YAML holds as they are: no controls, no odd line breaks, no marks for direction. */
const BLOCK_SAFE = /^[\x20-\x7e\u00a1-\u167f\u2c00-\ud7ff\n]*$/;

/**
 * The canonical YAML of a spec: the same bytes for equal specs, keys in a fixed order, defaults left out.
 * `parseSpec` of it gives the spec back.
 */
export function renderSpec(spec: Spec): string {
  const document = new Document(plainSpec(spec), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' && typeof node.value === 'string') styleText(node as Scalar<string>);
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: true });
}

/** Text that YAML could fold, strip or take for something else is written in double quotes. */
function styleText(node: Scalar<string>): void {
  const text = node.value;
  const lines = text.split('\n');
  const block = lines.length > 1 && BLOCK_SAFE.test(text) && text.endsWith('\n') && /^[^\s]/.test(text);
  if (block && !lines.some(line => /\s$/.test(line))) node.type = Scalar.BLOCK_LITERAL;
  else if (lines.length > 1 || !BLOCK_SAFE.test(text)) node.type = Scalar.QUOTE_DOUBLE;
}

/** The spec as the file writes it: keys with dashes, defaults left out. */
export function plainSpec(spec: Spec): Plain {
  const services = present(
    Object.fromEntries(SERVICE_VERBS.map(verb => [verb, filled(spec.services[verb])])),
  );
  const bootstrap = plainBootstrap(spec.bootstrap);
  return present({
    name: spec.name,
    version: spec.version,
    'base-image': plainBase(spec.baseImage),
    bootstrap: Object.keys(bootstrap).length > 0 ? bootstrap : undefined,
    layers: filled(spec.layers.map(request => plainLayer(request, spec.layerPolicies))),
    files: filled(spec.files.map(plainFile)),
    services: Object.keys(services).length > 0 ? services : undefined,
    repositories: filled(spec.repositories.map(plainRepository)),
    remove: filled(spec.remove),
    ...plainPolicies(spec),
    ...plainSystem(spec),
  });
}

function plainBase(base: BaseImage): string | Plain {
  if (base.kind !== 'containerfile') return renderBaseImage(base);
  const { containerfile, context, buildArguments } = base;
  return present({
    containerfile,
    context: context === containerfileBase({ containerfile }).context ? undefined : context,
    'build-args': Object.keys(buildArguments).length > 0 ? buildArguments : undefined,
  });
}

function plainBootstrap(bootstrap: Bootstrap): Plain {
  return present({
    mirror: bootstrap.mirror,
    'security-mirror': bootstrap.securityMirror,
    components: bootstrap.components,
    variant: bootstrap.variant === DEFAULT_VARIANT ? undefined : bootstrap.variant,
    keyring: bootstrap.keyring,
    suites: bootstrap.suites,
  });
}

function plainFile(file: SpecFile): Plain {
  if (file.kind === 'link') return { path: file.path, link: file.target };
  return present({
    path: file.path,
    content: file.kind === 'content' ? file.content : undefined,
    source: file.kind === 'source' ? file.source : undefined,
    directory: file.kind === 'directory' ? true : undefined,
    mode: file.mode === (file.kind === 'directory' ? 0o755 : 0o644) ? undefined : octal(file.mode),
    owner: file.owner === 'root' ? undefined : file.owner,
    group: file.group === 'root' ? undefined : file.group,
  });
}

function plainRepository(repository: Repository): Plain {
  const { types } = repository;
  return present({
    name: repository.name,
    types: types.length === 1 && types[0] === 'deb' ? undefined : types,
    uris: repository.uris,
    suites: repository.suites,
    components: filled(repository.components),
    architectures: repository.architectures,
    'check-valid-until': repository.checkValidUntil,
    'signed-by': repository.signedBy.kind === 'inline' ? repository.signedBy.key : repository.signedBy.path,
  });
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
