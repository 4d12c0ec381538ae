import { AptLayerError } from '../errors/index.ts';
import { compactTime } from '../transaction/index.ts';

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const ID = /^(?<name>[a-z0-9][a-z0-9._-]{0,63})-\d{8}-\d{6}(?:-(?<serial>[1-9]\d{0,5}))?$/;

/** Refuses (SPEC_INVALID) what cannot name a series of deployments: it becomes part of paths and kernel arguments. */
export function assertDeploymentName(name: string): void {
  if (!NAME.test(name))
    throw new AptLayerError('SPEC_INVALID', `${JSON.stringify(name)} cannot be the name of a deployment`, {
      hint: 'use up to 64 of a-z, 0-9, dot, underscore and dash, beginning with a letter or digit',
    });
}

export function isDeploymentId(text: string): boolean {
  return ID.test(text);
}

/** `NAME-YYYYMMDD-HHMMSS` in UTC, with `-2`, `-3` ... when that is taken. */
export function deploymentId(name: string, date: Date, taken: ReadonlySet<string>): string {
  assertDeploymentName(name);
  const first = `${name}-${compactTime(date)}`;
  let id = first;
  for (let serial = 2; taken.has(id); serial++) id = `${first}-${serial}`;
  return id;
}

/** The number that tells deployments of one name and second apart, from 0 as rpm-ostree counts. */
export function deploymentSerial(id: string): number {
  const serial = ID.exec(id)?.groups?.['serial'];
  return serial === undefined ? 0 : Number(serial) - 1;
}
