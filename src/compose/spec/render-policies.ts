import type {
  DebconfAnswer,
  LayerPolicy,
  MultiArchPackage,
  Override,
  PackageRequest,
  SecuritySettings,
  Spec,
  SpecScript,
  UserAccount,
  VulnerabilityPolicy,
} from './model.ts';
import { packageKey, renderPackageRequest } from './package-request.ts';
import { filled, type Plain, present, presentOrNone } from './render-plain.ts';
import { DEFAULT_MODE, DEFAULT_VERITY } from './schema.ts';

/** An entry of `layers`: text, or a map when the package has policies of its own. */
export function plainLayer(request: PackageRequest, policies: readonly LayerPolicy[]): unknown {
  const policy = policies.find(one => one.package === packageKey(request));
  if (policy === undefined) return renderPackageRequest(request);
  return present({
    package: renderPackageRequest(request),
    metadata: plainMetadata(policy),
    'maintainer-scripts': policy.validationMode,
    network: policy.network === true ? true : undefined,
  });
}

function plainMetadata(policy: Pick<LayerPolicy, 'preservePermissions' | 'conflictResolution'>) {
  return presentOrNone({
    'preserve-permissions': policy.preservePermissions,
    'conflict-resolution': policy.conflictResolution,
  });
}

/** The keys that say how packages are chosen and installed. */
export function plainPolicies(spec: Spec): Plain {
  const { multiArch, metadata, maintainerScripts } = spec;
  return {
    overrides: filled(spec.overrides.map(plainOverride)),
    'multi-arch':
      multiArch.enabled || multiArch.architectures.length + multiArch.packages.length > 0
        ? present({
            enabled: multiArch.enabled,
            architectures: filled(multiArch.architectures),
            packages: filled(multiArch.packages.map(plainMultiArchPackage)),
          })
        : undefined,
    metadata: plainMetadata({
      ...(metadata.preservePermissions ? {} : { preservePermissions: false }),
      ...(metadata.conflictResolution === undefined
        ? {}
        : { conflictResolution: metadata.conflictResolution }),
    }),
    'maintainer-scripts': presentOrNone({
      'validation-mode':
        maintainerScripts.validationMode === DEFAULT_MODE ? undefined : maintainerScripts.validationMode,
      'forbidden-actions': filled(maintainerScripts.forbiddenActions),
    }),
    pins: filled(spec.pins.map(pin => present({ ...pin }))),
    holds: filled(spec.holds),
    recommends: spec.recommends ? undefined : false,
    snapshot: spec.snapshot,
  };
}

/** An entry of `overrides`. */
export function plainOverride(override: Override): Plain {
  const { package: name } = override;
  switch (override.kind) {
    case 'with': {
      const debs = override.debs.map(renderPackageRequest);
      return { package: name, with: debs.length === 1 ? debs[0] : debs };
    }
    case 'remove':
      return { package: name, remove: true };
    case 'version':
      return { package: name, version: override.version };
    default:
      return { package: name, suite: override.suite };
  }
}

function plainMultiArchPackage({ package: name, architecture, role }: MultiArchPackage): unknown {
  if (role === 'same') return architecture === undefined ? name : `${name}:${architecture}`;
  return present({ package: name, architecture, type: role });
}

/** The keys that say what the system has beside packages and files. */
export function plainSystem(spec: Spec): Plain {
  const { archives: allowed, denied } = spec.security.policy ?? {};
  return {
    'kernel-arguments': filled(spec.kernelArguments),
    initramfs: presentOrNone({
      modules: filled(spec.initramfs.modules),
      compression: spec.initramfs.compression,
    }),
    users: filled(spec.users.map(plainUser)),
    groups: filled(
      spec.groups.map(({ name, gid, system }) => present({ name, gid, system: system || undefined })),
    ),
    debconf: filled(spec.debconf.map(plainAnswer)),
    scripts: filled(spec.scripts.map(plainScript)),
    security: presentOrNone({
      verity: spec.security.verity === DEFAULT_VERITY ? undefined : spec.security.verity,
      vulnerabilities: presentOrNone({
        vex: filled(spec.security.vex),
        ...plainVulnerabilities(spec.security.policy?.vulnerabilities),
      }),
      images: plainImages(spec.security),
      archives: allowed === undefined ? undefined : { allow: allowed },
      packages: denied === undefined ? undefined : { deny: denied },
    }),
    labels: presentOrNone(spec.labels),
  };
}

function plainVulnerabilities(rules: VulnerabilityPolicy | undefined): Plain {
  if (rules === undefined) return {};
  return {
    refuse: filled(rules.refuse),
    unfixed: rules.unfixed === 'allow' ? undefined : rules.unfixed,
    except: filled(rules.except.map(one => ({ ...one }))),
    'max-age': rules.maxAge,
  };
}

function plainImages({ images }: SecuritySettings): Plain | undefined {
  if (images === undefined) return undefined;
  return { require: 'signed', keys: images.keys.map(key => (key.kind === 'file' ? key.path : key.key)) };
}

function plainUser({ groups, system, ...user }: UserAccount): Plain {
  return present({ ...user, groups: filled(groups), system: system || undefined });
}

/** A line where one is read back the same. */
function plainAnswer(answer: DebconfAnswer): unknown {
  const { package: owner, question, type, value } = answer;
  return value === '' ? { ...answer } : `${owner} ${question} ${type} ${value}`;
}

function plainScript(script: SpecScript): Plain {
  const { name, inputs } = script;
  const what = script.kind === 'inline' ? { run: script.run } : { source: script.source };
  return present({ name, ...what, inputs: filled(inputs) });
}
