import { AptLayerError, assertNever } from '../../errors/index.ts';
import { editRemovals } from './edit-removals.ts';
import { editedKernelArguments, type KernelArgumentsEdit, setKernelArguments } from './kernel-arguments.ts';
import type {
  ConflictResolution,
  LayerPolicy,
  MultiArchRole,
  Override,
  OverrideChoice,
  Spec,
  ValidationMode,
} from './model.ts';
import { packageKey, parsePackageRequest } from './package-request.ts';

/** Changes of everything in a spec but which packages are requested and on what base. */
export type PolicyEdit =
  | { readonly kind: 'set-override'; readonly package: string; readonly choice: OverrideChoice }
  /** Without `packages` all of them. */
  | { readonly kind: 'remove-overrides'; readonly packages?: readonly string[] }
  /** `add` must go, and what `undo` asks for need not go any more. Requests are written as on the command line. */
  | { readonly kind: 'change-removals'; readonly add: readonly string[]; readonly undo: readonly string[] }
  | { readonly kind: 'set-holds'; readonly add: readonly string[]; readonly remove: readonly string[] }
  /** Of one package, which is layered if it is not yet, or of all. */
  | {
      readonly kind: 'set-metadata';
      readonly package?: string;
      readonly preservePermissions: boolean;
      readonly conflictResolution: ConflictResolution;
    }
  | {
      readonly kind: 'set-script-mode';
      readonly package?: string;
      readonly mode: ValidationMode;
      /** Of the package: whether its scripts have a network; stays as it is when absent. */
      readonly network?: boolean;
    }
  | {
      readonly kind: 'set-multi-arch';
      readonly package: string;
      readonly architecture: string;
      readonly role: MultiArchRole;
      readonly native: boolean;
    }
  /** `set` instead of the list that is there, then `edit`. */
  | {
      readonly kind: 'change-kernel-arguments';
      /** The whole list as somebody wants it who looked at `from`: FAILED when that is not what there is any more. */
      readonly set?: { readonly from: readonly string[]; readonly to: readonly string[] };
      readonly edit?: KernelArgumentsEdit;
    }
  | { readonly kind: 'reset'; readonly layers: boolean; readonly overrides: boolean };

/** What a policy edit makes of a spec, and the top-level keys of the file that it changes. */
export interface PolicyChange {
  readonly spec: Spec;
  readonly keys: readonly string[];
  /** What was edited, for messages. */
  readonly items: readonly string[];
}

/** Applies an edit. Throws NOT_FOUND for something to remove that is not there. */
export function changePolicy(spec: Spec, edit: PolicyEdit): PolicyChange {
  switch (edit.kind) {
    case 'set-override': {
      const override: Override = { package: edit.package, ...edit.choice };
      const overrides = replacedOrAdded(spec.overrides, override, one => one.package === edit.package);
      return {
        spec: { ...spec, overrides },
        keys: ['overrides'],
        items: [edit.package],
      };
    }
    case 'remove-overrides':
      return removeOverrides(spec, edit.packages ?? spec.overrides.map(one => one.package));
    case 'change-removals':
      return editRemovals(spec, { add: edit.add, undo: edit.undo.map(parsePackageRequest) });
    case 'set-holds':
      return setHolds(spec, edit);
    case 'set-metadata': {
      const { preservePermissions, conflictResolution } = edit;
      const settings = { preservePermissions, conflictResolution };
      if (edit.package === undefined)
        return { spec: { ...spec, metadata: settings }, keys: ['metadata'], items: ['metadata'] };
      return withPolicy(spec, { package: edit.package, ...settings });
    }
    case 'set-script-mode': {
      if (edit.package !== undefined)
        return withPolicy(spec, {
          package: edit.package,
          validationMode: edit.mode,
          ...(edit.network !== undefined && { network: edit.network }),
        });
      const maintainerScripts = { ...spec.maintainerScripts, validationMode: edit.mode };
      return {
        spec: { ...spec, maintainerScripts },
        keys: ['maintainer-scripts'],
        items: ['maintainer-scripts'],
      };
    }
    case 'set-multi-arch':
      return setMultiArch(spec, edit);
    case 'change-kernel-arguments': {
      const before = setKernelArguments(spec.kernelArguments, edit.set);
      const kernelArguments = edit.edit === undefined ? before : editedKernelArguments(before, edit.edit);
      return { spec: { ...spec, kernelArguments }, keys: ['kernel-arguments'], items: ['kernel-arguments'] };
    }
    case 'reset':
      return reset(spec, edit);
    default:
      return assertNever(edit);
  }
}

function removeOverrides(spec: Spec, packages: readonly string[]): PolicyChange {
  assertAll(
    packages,
    spec.overrides.map(one => one.package),
    'overridden',
  );
  const gone = new Set(packages);
  const overrides = spec.overrides.filter(one => !gone.has(one.package));
  return { spec: { ...spec, overrides }, keys: ['overrides'], items: packages };
}

function setHolds(
  spec: Spec,
  { add, remove }: { add: readonly string[]; remove: readonly string[] },
): PolicyChange {
  assertAll(remove, spec.holds, 'held');
  const kept = spec.holds.filter(name => !remove.includes(name));
  const holds = [...new Set([...kept, ...add])];
  return { spec: { ...spec, holds }, keys: ['holds'], items: [...add, ...remove] };
}

function withPolicy(spec: Spec, policy: LayerPolicy): PolicyChange {
  const { package: name } = policy;
  const isLayered = spec.layers.some(request => packageKey(request) === name);
  const layers = isLayered ? spec.layers : [...spec.layers, parsePackageRequest(name)];
  const before = spec.layerPolicies.find(one => one.package === name);
  const order = layers.map(packageKey);
  const layerPolicies = [...spec.layerPolicies.filter(one => one !== before), { ...before, ...policy }].sort(
    (a, b) => order.indexOf(a.package) - order.indexOf(b.package),
  );
  return { spec: { ...spec, layers, layerPolicies }, keys: ['layers'], items: [name] };
}

function setMultiArch(spec: Spec, edit: PolicyEdit & { kind: 'set-multi-arch' }): PolicyChange {
  const { package: name, architecture, role, native } = edit;
  const { architectures, packages } = spec.multiArch;
  const isSame = (one: { package: string; architecture?: string }) =>
    one.package === name && one.architecture === architecture;
  const multiArch = {
    enabled: true,
    architectures:
      native || architectures.includes(architecture) ? architectures : [...architectures, architecture],
    packages: replacedOrAdded(packages, { package: name, architecture, role }, isSame),
  };
  return { spec: { ...spec, multiArch }, keys: ['multi-arch'], items: [`${name}:${architecture}`] };
}

/** The list with `item` in the place of the one that is the same, else at the end. */
function replacedOrAdded<T>(list: readonly T[], item: T, isSame: (one: T) => boolean): readonly T[] {
  const index = list.findIndex(isSame);
  return index === -1 ? [...list, item] : list.with(index, item);
}

function reset(spec: Spec, { layers, overrides }: { layers: boolean; overrides: boolean }): PolicyChange {
  const emptied = {
    ...spec,
    ...(layers
      ? { layers: [], layerPolicies: [], multiArch: { enabled: false, architectures: [], packages: [] } }
      : {}),
    ...(overrides ? { overrides: [], remove: [], holds: [] } : {}),
  };
  const keys = [
    ...(layers ? ['layers', 'multi-arch'] : []),
    ...(overrides ? ['overrides', 'remove', 'holds'] : []),
  ];
  return { spec: emptied, keys, items: keys };
}

function assertAll(wanted: readonly string[], there: readonly string[], state: string): void {
  const missing = wanted.filter(name => !there.includes(name));
  if (missing.length === 0) return;
  const verb = missing.length === 1 ? 'is' : 'are';
  throw new AptLayerError('NOT_FOUND', `${missing.join(', ')} ${verb} not ${state}`, {
    hint: there.length === 0 ? `nothing is ${state}` : `${state} are: ${there.join(', ')}`,
    details: { missing },
  });
}
