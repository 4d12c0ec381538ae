import fs from 'node:fs';
import path from 'node:path';
import { must } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { debianSources, hostAcquireOptions } from './host-apt.ts';
import { cacheDirectory } from './places.ts';

const SUITE = 'trixie';
/** What skopeo of that release is linked with. */
const PACKAGES = ['skopeo', 'libgpgme11t64', 'libassuan9', 'libgpg-error0', 'libsqlite3-0', 'libc6'];

/** Whether the machine's skopeo has signatures of sigstore: Debian 12's was built without them. */
export function hasSigstore(): boolean {
  return !fs.readFileSync('/usr/bin/skopeo').includes('Debian-local change: sigstore disabled');
}

/**
 * A skopeo that knows signatures of sigstore: undefined means the machine's own; else that of Debian 13 with its own C library, as a script. It comes
 * from the machine's mirror when the cache has none (20 MB).
 */
export async function sigstoreSkopeo(): Promise<string | undefined> {
  if (hasSigstore()) return undefined;
  const directory = cacheDirectory('skopeo');
  const script = path.join(directory, 'skopeo');
  await withFileLock(path.join(directory, 'lock'), async () => {
    if (!fs.existsSync(script)) await unpack(directory, script);
  });
  return script;
}

async function unpack(directory: string, script: string): Promise<void> {
  const apt = path.join(directory, 'apt');
  for (const part of ['etc/preferences.d', 'state/lists/partial', 'cache/archives/partial', 'debs'])
    fs.mkdirSync(path.join(apt, part), { recursive: true });
  fs.writeFileSync(path.join(apt, 'etc/sources.list'), `${(await debianSources(SUITE)).join('\n')}\n`);
  fs.writeFileSync(path.join(apt, 'state/status'), '');
  const options = [
    ...(await hostAcquireOptions()),
    ...[`Dir::Etc=${apt}/etc`, `Dir::State=${apt}/state`, `Dir::State::status=${apt}/state/status`],
    ...[
      `Dir::Cache=${apt}/cache`,
      'Dir::Etc::TrustedParts=/etc/apt/trusted.gpg.d',
      'APT::Sandbox::User=root',
    ],
  ].flatMap(option => ['-o', option]);
  await must('apt-get', [...options, '--quiet=2', 'update']);
  await must('apt-get', [...options, '--quiet=2', 'download', ...PACKAGES], { cwd: path.join(apt, 'debs') });
  const root = path.join(directory, 'root');
  for (const name of fs.readdirSync(path.join(apt, 'debs')))
    await must('dpkg-deb', ['--extract', path.join(apt, 'debs', name), root]);
  fs.rmSync(apt, { recursive: true });
  const loader = (await must('find', [`${root}/usr`, '-name', 'ld-linux-*.so.*', '-print', '-quit'])).trim();
  const libraries = `${root}/usr/lib`;
  const triplet = (await must('dpkg-architecture', ['-qDEB_HOST_MULTIARCH'])).trim();
  const text = `#!/bin/sh\nexec ${loader} --library-path ${libraries}/${triplet} ${root}/usr/bin/skopeo "$@"\n`;
  fs.writeFileSync(`${script}.unfinished`, text, { mode: 0o755 });
  fs.renameSync(`${script}.unfinished`, script);
}
