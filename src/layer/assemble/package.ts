import { AptLayerError } from '../../errors/index.ts';
import { type ByteString, fromBuffer, toText } from '../../formats/bytes/index.ts';
import {
  fieldValue,
  isArchitecture,
  parseRelations,
  parseStanza,
  type Relations,
  requiredValue,
  type Stanza,
} from '../../formats/deb822/index.ts';
import { parseVersion } from '../../formats/debversion/index.ts';
import type { PackageImage } from '../package/model.ts';
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

/** As dpkg allows them in names; the name becomes part of file names. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]{0,254}$/;

/** Reads the control members of a package. FormatError, with the package's sha256, when one is not valid. */
export function describePackage(image: PackageImage): AssemblyPackage {
  const member = (name: string) => image.control.get(name)?.bytes ?? Buffer.alloc(0);
  const control = parseStanza(member('control'));
  const text = (field: string) => fieldValue(control, field) ?? ('' as ByteString);
  const relations = (field: string) => parseRelations(text(field));
  const name = requiredValue(control, 'Package');
  const version = requiredValue(control, 'Version');
  const architecture = requiredValue(control, 'Architecture');
  if (!NAME.test(name) || !isArchitecture(architecture))
    throw new AptLayerError('FORMAT', `${toText(name)}:${toText(architecture)} cannot name a package`, {
      hint: 'do not use this .deb; deb-control(5) says what a name may be',
      details: { deb: image.sha256 },
    });
  parseVersion(version);
  const multiArch = text('Multi-Arch') === '' ? 'no' : text('Multi-Arch');
  return {
    image,
    control,
    name,
    version,
    architecture,
    multiArch,
    essential: text('Essential') === 'yes',
    infoName: infoNameOf({ name, architecture, multiArch }),
    conffiles: parsePackageConffiles(fromBuffer(member('conffiles')), name),
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
