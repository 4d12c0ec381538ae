import * as z from 'zod';
import { checkBaseImage } from './base-image.ts';
import type { Bootstrap, BootstrapVariant, Services, Spec } from './model.ts';
import {
  checkComponent,
  checkPackageName,
  checkSpecName,
  checkSpecVersion,
  checkSuite,
  checkUnitName,
} from './names.ts';
import { checkPackageRequest, packageKey, renderPackageRequest } from './package-request.ts';
import { checkHostPath } from './paths.ts';
import { fileSchema, fileShape } from './schema-file.ts';
import { repositorySchema, repositoryShape } from './schema-repository.ts';
import { checkedText, filledListOf, listOf } from './schema-text.ts';
import { checkArchiveUri } from './urls.ts';

const itself = (value: string): string => value;
const VARIANTS: readonly BootstrapVariant[] = ['minbase', 'standard', 'important'];
/** What `bootstrap.variant` is when the spec does not say. */
export const DEFAULT_VARIANT: BootstrapVariant = 'minbase';
/** The keys of `services`, which are verbs of systemctl. */
export const SERVICE_VERBS = ['enable', 'disable', 'mask'] as const;

/** Keys of the full spec that a later version will read. */
export const KEYS_OF_LATER_VERSIONS: readonly string[] = [
  'overrides',
  'multi-arch',
  'metadata',
  'maintainer-scripts',
  'pins',
  'holds',
  'snapshot',
  'kernel-arguments',
  'initramfs',
  'users',
  'groups',
  'debconf',
  'scripts',
  'include',
  'labels',
  'security',
];

const bootstrapShape = {
  mirror: checkedText(checkArchiveUri, 'Address of the archive').optional(),
  'security-mirror': checkedText(checkArchiveUri, 'Address of the security archive').optional(),
  components: filledListOf(checkedText(checkComponent, 'A component'), itself).optional(),
  variant: z.enum(VARIANTS).optional().meta({ description: 'How much the base has; minbase by default' }),
  keyring: checkedText(checkHostPath, 'Keys that must have signed the archive').optional(),
  suites: listOf(checkedText(checkSuite, 'A suite beside that of the base image'), itself).optional(),
};

const unit = checkedText(checkUnitName, 'A systemd unit; .service may be left out');
const units = () => listOf(unit, itself).optional();
const servicesShape = { enable: units(), disable: units(), mask: units() };

const rootShape = {
  name: checkedText(checkSpecName, 'Names the deployment').optional(),
  version: checkedText(
    checkSpecVersion,
    "The author's own version; in quotes when it looks like a number",
  ).optional(),
  'base-image': checkedText(checkBaseImage, 'apt://SUITE or local://REF'),
  bootstrap: z.strictObject(bootstrapShape).optional(),
  layers: listOf(
    checkedText(checkPackageRequest, 'NAME, NAME:ARCH, NAME=VERSION, NAME/SUITE or ./file.deb'),
    packageKey,
  ).optional(),
  files: listOf(fileSchema(), file => file.path).optional(),
  services: z.strictObject(servicesShape).optional(),
  repositories: listOf(repositorySchema(), repository => repository.name).optional(),
  remove: listOf(
    checkedText(checkPackageName, 'A package of the base that the result must not have'),
    itself,
  ).optional(),
};

/** The keys of each map of a spec by its path, with `*` for the index of a list. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(rootShape),
  bootstrap: Object.keys(bootstrapShape),
  services: Object.keys(servicesShape),
  'files.*': Object.keys(fileShape),
  'repositories.*': Object.keys(repositoryShape),
};

/** The keys that a map at `path` may have. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  return KEYS[path.map(key => (typeof key === 'number' ? '*' : String(key))).join('.')] ?? [];
}

/** What a spec file may hold, without what it means. */
export const specInputSchema = z.strictObject(rootShape);

/** What a spec file means. */
export const specSchema = specInputSchema
  .superRefine((input, context) => {
    for (const conflict of conflicts(input))
      context.addIssue({ code: 'custom', message: conflict.reason, path: [...conflict.path], params: {} });
  })
  .transform(toSpec);

type SpecInput = z.output<typeof specInputSchema>;

function conflicts(input: SpecInput): { reason: string; path: readonly PropertyKey[] }[] {
  const found: { reason: string; path: readonly PropertyKey[] }[] = [];
  const removed = new Set(input.remove);
  for (const [index, request] of (input.layers ?? []).entries())
    if (request.kind !== 'file' && removed.has(request.name))
      found.push({
        reason: `${renderPackageRequest(request)} is under \`remove\` as well`,
        path: ['layers', index],
      });
  const verbOf = new Map<string, string>();
  for (const verb of SERVICE_VERBS)
    for (const [index, name] of (input.services?.[verb] ?? []).entries()) {
      const other = verbOf.get(name);
      if (other === undefined) verbOf.set(name, verb);
      else found.push({ reason: `${name} is under \`${other}\` as well`, path: ['services', verb, index] });
    }
  return found;
}

function toSpec(input: SpecInput): Spec {
  return {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.version === undefined ? {} : { version: input.version }),
    baseImage: input['base-image'],
    bootstrap: toBootstrap(input.bootstrap ?? {}),
    layers: input.layers ?? [],
    files: input.files ?? [],
    services: toServices(input.services ?? {}),
    repositories: input.repositories ?? [],
    remove: input.remove ?? [],
  };
}

function toBootstrap(input: NonNullable<SpecInput['bootstrap']>): Bootstrap {
  const { mirror, 'security-mirror': securityMirror, components, variant, keyring, suites } = input;
  return {
    ...(mirror === undefined ? {} : { mirror }),
    ...(securityMirror === undefined ? {} : { securityMirror }),
    ...(components === undefined ? {} : { components }),
    variant: variant ?? DEFAULT_VARIANT,
    ...(keyring === undefined ? {} : { keyring }),
    ...(suites === undefined ? {} : { suites }),
  };
}

function toServices(input: NonNullable<SpecInput['services']>): Services {
  return { enable: input.enable ?? [], disable: input.disable ?? [], mask: input.mask ?? [] };
}
