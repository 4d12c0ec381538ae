import * as z from 'zod';
import type {
  ConflictResolution,
  DebRequest,
  LayerPolicy,
  MultiArchPackage,
  MultiArchRole,
  Override,
  PackageRequest,
  Pin,
  ValidationMode,
} from './model.ts';
import { checkArchitecture, checkPackageName, checkPackageVersion, checkSuite } from './names.ts';
import { checkDebRequest, checkPackageRequest, packageKey } from './package-request.ts';
import { checkForbiddenAction, checkNamedPackage, checkPackagePattern, checkPin } from './policy-names.ts';
import { checkedText, filledListOf, listOf, ONE_LINE, refuse } from './schema-text.ts';

const itself = (value: string): string => value;
const STRATEGIES: readonly ConflictResolution[] = ['keep-latest', 'keep-base', 'fail'];
const MODES: readonly ValidationMode[] = ['strict', 'warn', 'skip'];
const ROLES: readonly MultiArchRole[] = ['same', 'foreign', 'allowed'];
const PRIORITY_MAX = 32_767;

const namedPackage = checkedText(checkNamedPackage, 'NAME or NAME:ARCH');
const request = checkedText(
  checkPackageRequest,
  'NAME, NAME:ARCH, NAME=VERSION, NAME/SUITE, ./file.deb or https://host/file.deb#sha256=HEX',
);

/** The keys of `metadata`, also of one layer. */
export const metadataShape = {
  'preserve-permissions': z
    .boolean()
    .optional()
    .meta({ description: 'false: files are of root, 0644 or 0755, without setuid and attributes' }),
  'conflict-resolution': z
    .enum(STRATEGIES)
    .optional()
    .meta({ description: 'Who wins where two sources have something else at one path' }),
};

/** The keys of `maintainer-scripts`. */
export const scriptSettingsShape = {
  'validation-mode': z.enum(MODES).optional().meta({ description: 'warn by default' }),
  'forbidden-actions': listOf(
    checkedText(checkForbiddenAction, 'A command, a kind of action, or a path'),
    itself,
  ).optional(),
};

/** The keys of an entry of `layers` that is a map. */
export const layerShape = {
  package: request,
  metadata: z.strictObject(metadataShape).optional(),
  'maintainer-scripts': z.enum(MODES).optional(),
  network: z
    .boolean()
    .optional()
    .meta({ description: 'true: its scripts may fetch something, so that the image is not reproducible' }),
};

/** An entry of `layers`: a request, with policies of its own if it has any. */
export interface LayerEntry {
  readonly request: PackageRequest;
  readonly policy?: LayerPolicy;
}

/** The whole of `layers`. */
export function layersSchema() {
  const plain = request.transform((value): LayerEntry => ({ request: value }));
  const withPolicy = z.strictObject(layerShape).transform((input, context): LayerEntry => {
    const { package: wanted, metadata, 'maintainer-scripts': mode, network } = input;
    if (wanted.kind === 'url') {
      refuse(
        context,
        { reason: 'policies are for packages with a name and for files', hint: 'name the package itself' },
        ['package'],
      );
      return z.NEVER;
    }
    const policy: LayerPolicy = {
      package: packageKey(wanted),
      ...(metadata?.['preserve-permissions'] === undefined
        ? {}
        : { preservePermissions: metadata['preserve-permissions'] }),
      ...(metadata?.['conflict-resolution'] === undefined
        ? {}
        : { conflictResolution: metadata['conflict-resolution'] }),
      ...(mode === undefined ? {} : { validationMode: mode }),
      // Not to have one is the same as to say nothing.
      ...(network === true ? { network } : {}),
    };
    return Object.keys(policy).length > 1 ? { request: wanted, policy } : { request: wanted };
  });
  return listOf(z.union([plain, withPolicy]), entry => packageKey(entry.request));
}

const CHOICES = ['with', 'remove', 'version', 'suite'] as const;

/** The keys of an entry of `overrides`. */
export const overrideShape = {
  package: namedPackage,
  with: z
    .union([
      checkedText(checkDebRequest, 'A .deb: a path, or an address with its SHA-256').transform(
        (one): readonly DebRequest[] => [one],
      ),
      filledListOf(checkedText(checkDebRequest, 'A .deb'), packageKey),
    ])
    .optional(),
  remove: z.literal(true).optional().meta({ description: 'The result does not have it' }),
  version: checkedText(checkPackageVersion, 'An exact version').optional(),
  suite: checkedText(checkSuite, 'The suite to take it from').optional(),
};

/** One entry of `overrides`: exactly one of with, remove, version and suite. */
export function overrideSchema() {
  return z.strictObject(overrideShape).transform((input, context): Override => {
    const { package: name, with: debs, version, suite } = input;
    const given = CHOICES.filter(key => input[key] !== undefined);
    if (given.length !== 1) {
      const reason =
        given.length === 0
          ? 'it does not say what becomes of the package'
          : `${given.join(' and ')} exclude each other`;
      refuse(context, { reason, hint: `give exactly one of ${CHOICES.join(', ')}` });
      return z.NEVER;
    }
    if (debs !== undefined) return { package: name, kind: 'with', debs };
    if (version !== undefined) return { package: name, kind: 'version', version };
    if (suite !== undefined) return { package: name, kind: 'suite', suite };
    return { package: name, kind: 'remove' };
  });
}

const architecture = checkedText(checkArchitecture, 'An architecture');

/** The keys of an entry of `multi-arch.packages` that is a map. */
export const multiArchPackageShape = {
  package: checkedText(checkPackageName, 'NAME'),
  architecture: architecture.optional(),
  type: z.enum(ROLES),
};

/** The keys of `multi-arch`. */
export const multiArchShape = {
  enabled: z.boolean().optional().meta({ description: 'true by default' }),
  architectures: listOf(architecture, itself).optional(),
  packages: listOf(
    z.union([
      namedPackage.transform((text): MultiArchPackage => {
        const [name = '', arch] = text.split(':');
        return { package: name, ...(arch === undefined ? {} : { architecture: arch }), role: 'same' };
      }),
      z.strictObject(multiArchPackageShape).transform(
        ({ package: name, architecture: arch, type }): MultiArchPackage => ({
          package: name,
          ...(arch === undefined ? {} : { architecture: arch }),
          role: type,
        }),
      ),
    ]),
    ({ package: name, architecture: arch }) => `${name}:${arch ?? ''}`,
  ).optional(),
};

/** The keys of an entry of `pins`. */
export const pinShape = {
  packages: filledListOf(checkedText(checkPackagePattern, 'A package, or a pattern with *'), itself),
  pin: checkedText(checkPin, 'release ..., version ... or origin ..., as in apt_preferences(5)'),
  priority: z.number().int().min(-PRIORITY_MAX).max(PRIORITY_MAX),
  explanation: z.string().regex(ONE_LINE, 'this must be one line').optional(),
};

/** One entry of `pins`. */
export function pinSchema() {
  return z.strictObject(pinShape).transform(
    ({ packages, pin, priority, explanation }): Pin => ({
      packages,
      pin,
      priority,
      ...(explanation === undefined ? {} : { explanation }),
    }),
  );
}

/** The whole of `holds`. */
export function holdsSchema() {
  return listOf(namedPackage, itself);
}
