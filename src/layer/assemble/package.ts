import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromBuffer, toText } from '../../formats/bytes/index.ts';
import {
  fieldValue,
  isArchitecture,
  parseRelations,
  parseStanza,
  type Relations,
  refuse,
  requiredValue,
  type Stanza,
} from '../../formats/deb822/index.ts';
import { parseVersion } from '../../formats/debversion/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import type { PackageImage } from '../package/model.ts';
import { packageNameProblem } from '../package/package-name.ts';
import { checkControl } from './control-checks.ts';
import { parsePackageConffiles, type ShippedConffile } from './shipped-conffiles.ts';
import { parseTriggers, type TriggerDirective } from './trigger-directives.ts';

/** A package that is to be assembled into a system: its image, and what its control members say. */
export interface AssemblyPackage {
  readonly image: PackageImage;
  readonly control: Stanza;
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly multiArch: string;
  readonly essential: boolean;
  /** What dpkg calls it in `info/` and in trigger files: `NAME:ARCH` when several architectures may be there. */
  readonly infoName: string;
  readonly conffiles: readonly ShippedConffile[];
  readonly triggers: readonly TriggerDirective[];
  readonly depends: Relations;
  readonly preDepends: Relations;
  readonly replaces: Relations;
  /** Breaks and Conflicts together. */
  readonly excludes: Relations;
  readonly provides: Relations;
}

/** Reads the control members of a package. FormatError, with the package's sha256, when one is not valid. */
export function describePackage(image: PackageImage): AssemblyPackage {
  const member = (name: string) => image.control.get(name)?.bytes ?? Buffer.alloc(0);
  const control = parseStanza(member('control'));
  assertEnded(member('control'));
  const text = (field: string) => fieldValue(control, field) ?? ('' as ByteString);
  const relations = (field: string) => parseRelations(text(field));
  const name = requiredValue(control, 'Package');
  const version = requiredValue(control, 'Version');
  const architecture = requiredValue(control, 'Architecture');
  if (packageNameProblem(name) !== undefined || !isArchitecture(architecture))
    throw new AptLayerError('FORMAT', `${toText(name)}:${toText(architecture)} cannot name a package`, {
      hint: 'do not use this .deb; deb-control(5) says what a name may be',
      details: { deb: image.sha256 },
    });
  const fail = (reason: string) => {
    throw new AptLayerError('FORMAT', `${toText(name)} (${toText(version)}): ${reason}`, {
      hint: 'build the package again without that',
      details: { deb: image.sha256, package: name },
    });
  };
  parseVersion(version);
  checkControl(control);
  const conffiles = parsePackageConffiles(fromBuffer(member('conffiles')), name);
  for (const { path, removeOnUpgrade } of conffiles)
    if (removeOnUpgrade && lookup(image.data, path) !== undefined)
      fail(`conffile '${toText(path)}' marked for removal on upgrade, shipped in package`);
  for (const script of ['preinst', 'postinst'])
    if (/^#![^\n]*\r(?:\n|$)/.test(fromBuffer(member(script))))
      fail(`its ${script} script has Windows line endings, so that its interpreter cannot be found`);
  const multiArch = text('Multi-Arch') === '' ? 'no' : text('Multi-Arch').toLowerCase();
  return {
    image,
    control,
    name,
    version,
    architecture,
    multiArch,
    essential: text('Essential').toLowerCase() === 'yes',
    infoName: infoNameOf({ name, architecture, multiArch }),
    conffiles,
    triggers: parseTriggers(fromBuffer(member('triggers')), name),
    depends: relations('Depends'),
    preDepends: relations('Pre-Depends'),
    replaces: relations('Replaces'),
    excludes: [...relations('Breaks'), ...relations('Conflicts')],
    provides: relations('Provides'),
  };
}

/** The name rule of dpkg's info format 1. */
export function infoNameOf(names: { name: string; architecture: string; multiArch: string }): string {
  return names.multiArch === 'same' && names.architecture !== 'all'
    ? `${names.name}:${names.architecture}`
    : names.name;
}

/** Whether two are instances of one package for several architectures, which may share equal files. */
export function areInstances(
  a: { name: string; multiArch: string },
  b: { name: string; multiArch: string },
): boolean {
  return a.name === b.name && a.multiArch === 'same' && b.multiArch === 'same';
}

/** dpkg takes a last line without its end for a truncated file. */
function assertEnded(control: Buffer): void {
  if (control.at(-1) === NEWLINE) return;
  const lines = control.toString('latin1').split('\n').length;
  refuse('missing newline at the end of the control file', lines);
}

const NEWLINE = 0x0a;
