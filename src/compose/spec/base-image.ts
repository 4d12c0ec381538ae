import { AptLayerError, assertNever } from '../../errors/index.ts';
import { nearestName } from '../../formats/nearest/index.ts';
import { type Checked, quoteText } from './checked.ts';
import type { BaseImage, RegistryImage } from './model.ts';
import { checkSuite } from './names.ts';

const SCHEMES = ['apt', 'local', 'oci'];
const REF = /^[A-Za-z0-9][A-Za-z0-9._+:~-]*(?:\/[A-Za-z0-9][A-Za-z0-9._+:~-]*)*$/;
/** The reference grammar of the OCI distribution specification, loosely: [HOST[:PORT]/]PATH[:TAG][@DIGEST]. */
const OCI_REFERENCE =
  /^[A-Za-z0-9][A-Za-z0-9.-]*(?::\d{1,5}\/[a-z0-9])?[a-z0-9._/-]*(?::[A-Za-z0-9_][A-Za-z0-9._-]*)?(?:@[a-z0-9+._-]+:[0-9a-f]{32,})?$/;
const FORMS = 'write apt://SUITE, local://REF or oci://REF';

/**
 * Reads `apt://SUITE`, `local://REF` or `oci://REF`, as on the command line. Throws USAGE. An `oci` result is
 * well-formed, but no spec can hold it in this version.
 */
export function parseBaseImage(text: string): BaseImage | RegistryImage {
  const checked = checkAnyBaseImage(text);
  if ('value' in checked) return checked.value;
  throw new AptLayerError('USAGE', `base image: ${checked.reason}`, { hint: checked.hint });
}

/** The inverse of `parseBaseImage`. */
export function renderBaseImage(base: BaseImage | RegistryImage): string {
  switch (base.kind) {
    case 'apt':
      return `apt://${base.suite}`;
    case 'local':
      return `local://${base.ref}`;
    case 'oci':
      return `oci://${base.reference}`;
    default:
      return assertNever(base);
  }
}

/** The same as a value of the spec: images from registries are refused as not supported. */
export function checkBaseImage(text: string): Checked<BaseImage> {
  const checked = checkAnyBaseImage(text);
  if (!('value' in checked)) return checked;
  const base = checked.value;
  if (base.kind !== 'oci') return { value: base };
  return {
    reason: 'images from registries (oci://) are not supported by this version',
    hint: 'use apt://SUITE, or local://REF for an image of the store',
    unsupported: true,
  };
}

function checkAnyBaseImage(text: string): Checked<BaseImage | RegistryImage> {
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
    case 'oci':
      if (rest.length <= 255 && OCI_REFERENCE.test(rest)) return { value: { kind: 'oci', reference: rest } };
      return { reason: `${quoteText(rest)} is not an image reference`, hint: 'write one like ubuntu:24.04' };
    default: {
      const meant = nearestName(scheme, SCHEMES);
      const hint = meant === undefined ? FORMS : `did you mean \`${meant}://\`?`;
      return { reason: `there is no ${scheme}:// base image`, hint };
    }
  }
}
