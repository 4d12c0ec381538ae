import { posix } from 'node:path';
import { AptLayerError, assertNever } from '../../errors/index.ts';
import { nearestName } from '../../formats/nearest/index.ts';
import { hasTransport, readImageReference, renderImageReference } from '../../formats/reference/index.ts';
import { type Checked, quoteText } from './checked.ts';
import type { BaseImage, ContainerfileBase } from './model.ts';
import { checkSuite } from './names.ts';
import { checkHostPath } from './paths.ts';

const SCHEMES = ['apt', 'local', 'oci', 'docker'];
const REF = /^[A-Za-z0-9][A-Za-z0-9._+:~-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+:~-]*)*$/;
const FORMS = 'write apt://SUITE, local://REF, oci://REF or containerfile:PATH';
const CONTAINERFILE = 'containerfile:';

/** Reads a base image, as on the command line. Throws USAGE. */
export function parseBaseImage(text: string): BaseImage {
  const checked = checkBaseImage(text);
  if ('value' in checked) return checked.value;
  throw new AptLayerError('USAGE', `base image: ${checked.reason}`, { hint: checked.hint });
}

/** The inverse of `parseBaseImage`; of a Containerfile, without context and arguments. */
export function renderBaseImage(base: BaseImage): string {
  switch (base.kind) {
    case 'apt':
      return `apt://${base.suite}`;
    case 'local':
      return `local://${base.ref}`;
    case 'image':
      return renderImageReference(base.reference);
    case 'containerfile':
      return `${CONTAINERFILE}${base.containerfile}`;
    default:
      return assertNever(base);
  }
}

/** The same as a value of the spec. */
export function checkBaseImage(text: string): Checked<BaseImage> {
  if (hasTransport(text)) {
    const read = readImageReference(text);
    if ('transport' in read) return { value: { kind: 'image', reference: read } };
    return { reason: read.reason, hint: read.hint ?? FORMS };
  }
  if (text.startsWith(CONTAINERFILE)) {
    const path = checkHostPath(text.slice(CONTAINERFILE.length));
    return 'value' in path ? { value: containerfileBase({ containerfile: path.value }) } : path;
  }
  const match = /^([a-z]*):\/\/(.*)$/is.exec(text);
  if (match === null) return { reason: `${quoteText(text)} is not a base image`, hint: FORMS };
  const [, scheme = '', rest = ''] = match;
  switch (scheme) {
    case 'apt': {
      const suite = checkSuite(rest);
      return 'value' in suite ? { value: { kind: 'apt', suite: suite.value } } : suite;
    }
    case 'local':
      if (REF.test(rest) && rest.length <= 255) return { value: { kind: 'local', ref: rest } };
      return { reason: `${quoteText(rest)} is not a ref of the store`, hint: 'write one like debian/13' };
    default: {
      const meant = nearestName(scheme, SCHEMES);
      const hint = meant === undefined ? FORMS : `did you mean \`${meant}://\`?`;
      return { reason: `there is no ${scheme}:// base image`, hint };
    }
  }
}

/** A Containerfile with what is left out: the context is the directory that it is in. */
export function containerfileBase(
  given: Pick<ContainerfileBase, 'containerfile'> & Partial<ContainerfileBase>,
): ContainerfileBase {
  const { containerfile, context = posix.dirname(containerfile), buildArguments = {} } = given;
  const sorted = Object.fromEntries(Object.entries(buildArguments).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { kind: 'containerfile', containerfile, context, buildArguments: sorted };
}
