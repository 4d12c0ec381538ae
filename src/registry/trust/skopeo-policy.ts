import { toText } from '../../formats/bytes/index.ts';
import type { Requirement } from '../../formats/containers-policy/index.ts';
import { ensureDirectory, listDirectory, readFileBytes, writeFileDurable } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';

const SETTINGS_MAX_BYTES = 1024 * 1024;

/** Writes a policy for one call of skopeo into a directory, and returns the options that name it. */
export function policyOptions(
  { sys }: Host,
  directory: string,
  requirements: readonly Requirement[],
): string[] {
  ensureDirectory(sys, directory);
  const file = `${directory}/policy.json`;
  writeFileDurable(sys, file, `${JSON.stringify({ default: requirements })}\n`, 0o600);
  return ['--policy', file];
}

/**
 * Options by which skopeo reads or writes signatures of sigstore beside an image in its registry, whether or not this machine does so for
 * others: the settings of the machine, containers-registries.d(5), and one more for this scope.
 */
export function attachmentOptions(host: Host, directory: string, scope: string): string[] {
  const { sys, registries } = host;
  const own = `${directory}/registries.d`;
  ensureDirectory(sys, own);
  const machine = registries.signatureDirectories.find(one => sys.lstatIfExists(one) !== undefined);
  for (const name of machine === undefined ? [] : listDirectory(sys, machine).map(toText)) {
    if (!name.endsWith('.yaml')) continue;
    const bytes = readFileBytes(sys, `${machine}/${name}`, SETTINGS_MAX_BYTES);
    writeFileDurable(sys, `${own}/machine-${name}`, bytes);
  }
  const settings = { docker: { [scope]: { 'use-sigstore-attachments': true } } };
  // JSON is YAML.
  writeFileDurable(sys, `${own}/one.yaml`, JSON.stringify(settings));
  return ['--registries.d', own];
}
