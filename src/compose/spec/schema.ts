import * as z from 'zod';
import type {
  Bootstrap,
  BootstrapVariant,
  MetadataSettings,
  MultiArch,
  SecuritySettings,
  Services,
  Spec,
  ValidationMode,
} from './model.ts';
import {
  checkComponent,
  checkPackageName,
  checkSpecName,
  checkSpecVersion,
  checkSuite,
  checkUnitName,
} from './names.ts';
import { isDebRequest, packageKey, renderPackageRequest } from './package-request.ts';
import { checkHostPath } from './paths.ts';
import { checkSnapshot } from './policy-names.ts';
import { baseImageSchema, containerfileShape } from './schema-base.ts';
import { fileSchema, fileShape } from './schema-file.ts';
import {
  holdsSchema,
  layerShape,
  layersSchema,
  metadataShape,
  multiArchPackageShape,
  multiArchShape,
  overrideSchema,
  overrideShape,
  pinSchema,
  pinShape,
  scriptSettingsShape,
} from './schema-packages.ts';
import { archivesShape, deniedShape, exceptionShape, vulnerabilitiesShape } from './schema-policy.ts';
import { repositorySchema, repositoryShape } from './schema-repository.ts';
import {
  debconfSchema,
  debconfShape,
  groupSchema,
  groupShape,
  initramfsShape,
  kernelArgumentsSchema,
  labelsSchema,
  scriptSchema,
  scriptShape,
  securityImagesShape,
  securityShape,
  toInitramfs,
  toSecurity,
  userSchema,
  userShape,
} from './schema-system.ts';
import { checkedText, filledListOf, listOf, refuse } from './schema-text.ts';
import { checkArchiveUri } from './urls.ts';

const itself = (value: string): string => value;
const VARIANTS: readonly BootstrapVariant[] = ['minbase', 'standard', 'important'];
/** What `bootstrap.variant` is when the spec does not say. */
export const DEFAULT_VARIANT: BootstrapVariant = 'minbase';
/** What `maintainer-scripts.validation-mode` is when the spec does not say. */
export const DEFAULT_MODE: ValidationMode = 'warn';
/** What `security.verity` is when the spec does not say. */
export const DEFAULT_VERITY: SecuritySettings['verity'] = 'prefer';
/** The keys of `services`, which are verbs of systemctl. */
export const SERVICE_VERBS = ['enable', 'disable', 'mask'] as const;

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
  'base-image': baseImageSchema(),
  bootstrap: z.strictObject(bootstrapShape).optional(),
  include: filledListOf(checkedText(checkHostPath, 'A spec that this one builds on'), itself).optional(),
  layers: layersSchema().optional(),
  files: listOf(fileSchema(), file => file.path).optional(),
  services: z.strictObject(servicesShape).optional(),
  repositories: listOf(repositorySchema(), repository => repository.name).optional(),
  remove: listOf(
    checkedText(checkPackageName, 'A package of the base that the result must not have'),
    itself,
  ).optional(),
  overrides: listOf(overrideSchema(), override => override.package).optional(),
  'multi-arch': z.strictObject(multiArchShape).optional(),
  metadata: z.strictObject(metadataShape).optional(),
  'maintainer-scripts': z.strictObject(scriptSettingsShape).optional(),
  pins: z.array(pinSchema()).optional(),
  holds: holdsSchema().optional(),
  recommends: z
    .boolean()
    .optional()
    .meta({ description: 'Whether packages bring what they recommend; default true' }),
  snapshot: checkedText(checkSnapshot, 'Archives as they were at this time').optional(),
  'kernel-arguments': kernelArgumentsSchema().optional(),
  initramfs: z.strictObject(initramfsShape).optional(),
  users: listOf(userSchema(), user => user.name).optional(),
  groups: listOf(groupSchema(), group => group.name).optional(),
  debconf: listOf(debconfSchema(), answer => `${answer.package} ${answer.question}`).optional(),
  scripts: listOf(scriptSchema(), script => script.name).optional(),
  security: z.strictObject(securityShape).optional(),
  labels: labelsSchema().optional(),
};

/** The keys of each map of a spec by its path, with `*` for the index of a list. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(rootShape),
  'base-image': Object.keys(containerfileShape),
  bootstrap: Object.keys(bootstrapShape),
  services: Object.keys(servicesShape),
  'files.*': Object.keys(fileShape),
  'repositories.*': Object.keys(repositoryShape),
  'layers.*': Object.keys(layerShape),
  'layers.*.metadata': Object.keys(metadataShape),
  'overrides.*': Object.keys(overrideShape),
  'multi-arch': Object.keys(multiArchShape),
  'multi-arch.packages.*': Object.keys(multiArchPackageShape),
  metadata: Object.keys(metadataShape),
  'maintainer-scripts': Object.keys(scriptSettingsShape),
  'pins.*': Object.keys(pinShape),
  initramfs: Object.keys(initramfsShape),
  security: Object.keys(securityShape),
  'security.vulnerabilities': Object.keys(vulnerabilitiesShape),
  'security.vulnerabilities.except.*': Object.keys(exceptionShape),
  'security.archives': Object.keys(archivesShape),
  'security.packages': Object.keys(deniedShape),
  'security.images': Object.keys(securityImagesShape),
  'users.*': Object.keys(userShape),
  'groups.*': Object.keys(groupShape),
  'debconf.*': Object.keys(debconfShape),
  'scripts.*': Object.keys(scriptShape),
};

/** The keys that a map at `path` may have. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  return KEYS[path.map(key => (typeof key === 'number' ? '*' : String(key))).join('.')] ?? [];
}

/** What a spec file may hold, without what it means. */
export const specInputSchema = z.strictObject(rootShape);

/** What a spec means that stands alone. */
export const specSchema = specInputSchema
  .superRefine((input, context) => {
    if (input.include !== undefined)
      refuse(context, { reason: 'only a file can include others', hint: 'put it into a file' }, ['include']);
    for (const conflict of conflicts(input))
      context.addIssue({ code: 'custom', message: conflict.reason, path: [...conflict.path], params: {} });
  })
  .transform((input): Spec => ({ ...toSpec(input), baseImage: input['base-image'] }));

/** A spec file that includes others may leave the base image to them. */
export type SpecPart = Omit<Spec, 'baseImage'>;

/** What a spec file means by itself. */
export const specPartSchema = z
  .strictObject({ ...rootShape, 'base-image': rootShape['base-image'].optional() })
  .superRefine((input, context) => {
    for (const conflict of conflicts(input))
      context.addIssue({ code: 'custom', message: conflict.reason, path: [...conflict.path], params: {} });
  })
  .transform((input): SpecPart => toSpec(input));

type SpecInput = Omit<z.output<typeof specInputSchema>, 'base-image'>;

function conflicts(input: SpecInput): { reason: string; path: readonly PropertyKey[] }[] {
  const found: { reason: string; path: readonly PropertyKey[] }[] = [];
  const removed = new Set(input.remove);
  for (const [index, { request }] of (input.layers ?? []).entries())
    if (!isDebRequest(request) && removed.has(request.name))
      found.push({
        reason: `${renderPackageRequest(request)} is under \`remove\` as well`,
        path: ['layers', index],
      });
  const layered = new Set((input.layers ?? []).map(({ request }) => packageKey(request)));
  for (const [index, override] of (input.overrides ?? []).entries()) {
    const { package: name, kind } = override;
    if (kind === 'remove' && layered.has(name))
      found.push({ reason: `${name} is under \`layers\`, so it cannot go`, path: ['overrides', index] });
    if (kind !== 'remove' && removed.has(name))
      found.push({ reason: `${name} is under \`remove\` as well`, path: ['overrides', index] });
  }
  for (const [index, name] of (input.holds ?? []).entries())
    if (removed.has(name))
      found.push({ reason: `${name} is under \`remove\` as well`, path: ['holds', index] });
  const verbOf = new Map<string, string>();
  for (const verb of SERVICE_VERBS)
    for (const [index, name] of (input.services?.[verb] ?? []).entries()) {
      const other = verbOf.get(name);
      if (other === undefined) verbOf.set(name, verb);
      else found.push({ reason: `${name} is under \`${other}\` as well`, path: ['services', verb, index] });
    }
  return found;
}

function toSpec(input: SpecInput): SpecPart {
  return {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.version === undefined ? {} : { version: input.version }),
    bootstrap: toBootstrap(input.bootstrap ?? {}),
    layers: (input.layers ?? []).map(entry => entry.request),
    files: input.files ?? [],
    services: toServices(input.services ?? {}),
    repositories: input.repositories ?? [],
    remove: input.remove ?? [],
    overrides: input.overrides ?? [],
    multiArch: toMultiArch(input['multi-arch']),
    metadata: toMetadata(input.metadata ?? {}),
    maintainerScripts: {
      validationMode: input['maintainer-scripts']?.['validation-mode'] ?? DEFAULT_MODE,
      forbiddenActions: input['maintainer-scripts']?.['forbidden-actions'] ?? [],
    },
    layerPolicies: (input.layers ?? []).flatMap(({ policy }) => (policy === undefined ? [] : [policy])),
    pins: input.pins ?? [],
    holds: input.holds ?? [],
    recommends: input.recommends ?? true,
    ...(input.snapshot === undefined ? {} : { snapshot: input.snapshot }),
    kernelArguments: input['kernel-arguments'] ?? [],
    initramfs: toInitramfs(input.initramfs),
    users: input.users ?? [],
    groups: input.groups ?? [],
    debconf: input.debconf ?? [],
    scripts: input.scripts ?? [],
    security: toSecurity(input.security, DEFAULT_VERITY),
    labels: Object.fromEntries(Object.entries(input.labels ?? {}).sort()),
  };
}

/** Without the key no architecture is added; with it, only `enabled: false` says so. */
function toMultiArch(input: SpecInput['multi-arch']): MultiArch {
  return {
    enabled: input !== undefined && input.enabled !== false,
    architectures: input?.architectures ?? [],
    packages: input?.packages ?? [],
  };
}

function toMetadata(input: NonNullable<SpecInput['metadata']>): MetadataSettings {
  const strategy = input['conflict-resolution'];
  return {
    preservePermissions: input['preserve-permissions'] ?? true,
    ...(strategy === undefined ? {} : { conflictResolution: strategy }),
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
