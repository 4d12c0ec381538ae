import { AptLayerError, withContextSync } from '../../errors/index.ts';
import { parseDebLayout } from '../../formats/deb/index.ts';
import {
  fieldValue,
  isArchitecture,
  parseRelations,
  parseStanza,
  requiredValue,
} from '../../formats/deb822/index.ts';
import { readTar } from '../../store/index.ts';
import type { Sys } from '../../sys/index.ts';
import { readAt } from './archive.ts';
import { controlReader } from './control-members.ts';
import { CONTROL_LIMITS } from './limits.ts';
import { packageNameProblem } from './package-name.ts';

/** Which package a .deb file is, as its control file says. */
export interface PackageIn {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

/** Fields that apt reads before anything else, and says of a mistake in one only that there is one. */
const RELATIONS = ['Pre-Depends', 'Depends', 'Conflicts', 'Breaks', 'Replaces', 'Provides'];

/** Reads the control file of a .deb. NOT_FOUND where there is no file, FORMAT, with its path, where it is no package or dpkg does not
 * take its name or architecture. */
export function packageIn(sys: Sys, path: string): PackageIn {
  if (sys.lstatIfExists(path) === undefined)
    throw new AptLayerError('NOT_FOUND', `${path} is not there`, {
      hint: 'check the path',
      details: { path },
    });
  return withContextSync(path, () => {
    const fd = sys.openFollowing(path);
    try {
      const layout = parseDebLayout(
        (offset, length) => readAt(sys, { fd, offset, length }),
        sys.fstat(fd).size,
      );
      const { handler, members } = controlReader();
      readTar(sys, { fd, ...layout.control, end: 'dpkg' }, { handler, limits: CONTROL_LIMITS });
      const control = parseStanza(members.get('control')?.bytes ?? Buffer.alloc(0));
      const field = (name: string) => requiredValue(control, name);
      const name = field('Package');
      const problem = packageNameProblem(name);
      if (problem !== undefined)
        throw new AptLayerError('FORMAT', `invalid package name in 'Package' field: ${problem}`, {
          hint: 'dpkg refuses it, too: build the package again with another name',
          details: { path },
        });
      for (const relation of RELATIONS)
        withContextSync(`'${relation}' field`, () => parseRelations(fieldValue(control, relation) ?? ''));
      const architecture = field('Architecture');
      if (!isArchitecture(architecture))
        throw new AptLayerError(
          'FORMAT',
          `package architecture (${architecture}) does not match system: dpkg has none of that name`,
          {
            hint: 'build the package again for one of `dpkg-architecture --list-known`, or for `all`',
            details: { path },
          },
        );
      return { name, version: field('Version'), architecture };
    } finally {
      sys.close(fd);
    }
  });
}
