import { AptLayerError } from '../../errors/index.ts';
import { toText } from '../../formats/bytes/index.ts';
import {
  layoutScopes,
  type Requirement,
  type Rule,
  registryScopes,
  ruleFor,
} from '../../formats/containers-policy/index.ts';
import {
  type ImageReference,
  type LayoutReference,
  type RegistryReference,
  renderImageReference,
  renderRegistryName,
} from '../../formats/reference/index.ts';
import { realPath } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';
import { locationOf } from '../../oci/index.ts';
import { boundTo, type ImageName } from './identity.ts';
import { readMachinePolicy } from './machine-policy.ts';
import type { PublicKey } from './public-key.ts';

/** A signature that somebody demands besides containers-policy.json(5): by one of these keys. */
export interface ImageDemand {
  readonly keys: readonly PublicKey[];
}

/** What has to hold of an image before anything is made of it. */
export interface Trust {
  readonly name: ImageName;
  /** Of containers-policy.json(5), `default` and the like. */
  readonly rule: string;
  /** All that the rule demands, for an image that is fetched by its digest. */
  readonly requirements: readonly Requirement[];
  readonly demand: ImageDemand | undefined;
}

/**
 * What has to hold of an image that somebody named. SIGNATURE where nothing could make it hold: its rule rejects it, or it is where no
 * signature can be. Undefined for archives and for podman's storage: skopeo itself asks the policy when it copies them.
 */
export function trustOf(
  host: Host,
  reference: ImageReference,
  demand: ImageDemand | undefined,
): Trust | undefined {
  if (demand !== undefined && reference.transport !== 'registry') throw unsignable(reference);
  switch (reference.transport) {
    case 'registry':
      return registryTrust(host, reference, demand);
    case 'oci':
      return layoutTrust(host, reference);
    default:
      return undefined;
  }
}

function registryTrust(host: Host, reference: RegistryReference, demand: ImageDemand | undefined): Trust {
  const machine = readMachinePolicy(host);
  if (machine === undefined) throw withoutPolicy(host, reference);
  const name = nameOf(reference);
  const rule = ruleFor(machine.policy, 'docker', registryScopes(name.image, name.repository));
  assertNotRejected(reference, rule, machine.file);
  const requirements = rule.requirements.map(one => boundTo(one, name));
  return { name, rule: rule.name, requirements, demand };
}

/** Of a layout there are no signatures. A machine that has no policy demands nothing of what lies on it. */
function layoutTrust(host: Host, reference: LayoutReference): Trust | undefined {
  const machine = readMachinePolicy(host);
  if (machine === undefined) return undefined;
  const { directory } = locationOf(reference);
  const rule = ruleFor(machine.policy, 'oci', layoutScopes(withoutLinks(host, directory)));
  assertNotRejected(reference, rule, machine.file);
  if (demandsSignature(rule.requirements)) throw unsignable(reference, `${machine.file}, ${rule.name}`);
  const name = { image: renderImageReference(reference), repository: directory };
  return { name, rule: rule.name, requirements: rule.requirements, demand: undefined };
}

/** Whether somebody has to have signed the image. */
export function demandsSignature(requirements: readonly Requirement[]): boolean {
  return requirements.some(({ type }) => type !== 'insecureAcceptAnything');
}

function nameOf(reference: RegistryReference): ImageName {
  const { registry, repository, tag = 'latest', digest } = reference;
  const name = `${registry}/${repository}`;
  return { image: digest === undefined ? `${name}:${tag}` : `${name}@${digest}`, repository: name };
}

function withoutLinks({ sys }: Host, directory: string): string {
  if (sys.lstatIfExists(directory) === undefined) return directory;
  return toText(realPath(sys, directory));
}

function assertNotRejected(reference: ImageReference, { name, requirements }: Rule, file: string): void {
  if (!requirements.some(({ type }) => type === 'reject')) return;
  throw new AptLayerError(
    'SIGNATURE',
    `${renderImageReference(reference)}: the policy of this machine rejects it (${file}, ${name})`,
    { hint: `allow it in ${file}, containers-policy.json(5), or take another image` },
  );
}

function unsignable(reference: ImageReference, where = 'security.images of the spec'): AptLayerError {
  return new AptLayerError(
    'SIGNATURE',
    `${renderImageReference(reference)}: ${where} demands a signature, and where this image is none can be`,
    { hint: 'name the image in the registry that has its signatures: oci://HOST/NAME' },
  );
}

function withoutPolicy({ registries }: Host, reference: RegistryReference): AptLayerError {
  return new AptLayerError(
    'CONFIG_INVALID',
    `oci://${renderRegistryName(reference)}: no file says which images this machine trusts: there is no ${registries.policyFiles.join(' and no ')}`,
    {
      hint: 'write one as containers-policy.json(5) says; Debian has it in the package golang-github-containers-image',
    },
  );
}
