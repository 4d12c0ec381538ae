import fs from 'node:fs';
import path from 'node:path';
import { unpackMinbase } from './base.ts';
import { must } from './command.ts';
import { ATTEMPTS, attemptWords, type Treasure } from './escape.ts';

/** Where the hostile files are in the base. */
const PLACE = '/usr/lib/hostile';

/** Programs that are replaced by one that attempts first, and then does what the real one does. */
const REPLACED = ['/usr/bin/dash', '/usr/bin/dpkg', '/usr/bin/apt-get', '/usr/sbin/chroot'];

/** Commands that apt runs, by the setting that names them. The first ones are only run where something is fetched. */
const APT_HOOKS = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'Acquire::http::Proxy-Auto-Detect',
  'Dir::Bin::methods',
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
  'DPkg::Pre-Install-Pkgs',
  'AptCli::Hooks::Install',
  'Dir::Bin::dpkg',
] as const;
/** What some of them do then, so that apt goes on: it waits until its hooks have greeted it. */
const AFTERWARDS: Readonly<Record<string, string>> = {
  'Dir::Bin::dpkg': `exec ${PLACE}/real/dpkg "$@"`,
  'AptCli::Hooks::Install': `exec perl -e 'open(my $apt, "+<&=", $ENV{APT_HOOK_SOCKET}); select $apt; $| = 1;
while (<$apt>) { print qq({"jsonrpc":"2.0","id":0,"result":{"version":"0.2"}}\\n\\n) if /hello/; exit if /bye/ }'`,
};
const DPKG_HOOKS = ['pre-invoke', 'post-invoke', 'status-logger'] as const;

/** Loaded into each program of the base, as the first. */
const LIBRARY = `#include <stdlib.h>
#include <sys/stat.h>
__attribute__((constructor)) static void begin(void) {
  if (mkdir("/run/hostile-loaded", 0700) == 0) system("${PLACE}/try library");
}
`;

/**
 * A Debian that tries to get at the host with all that apt, dpkg and debconf run of it: each place says on stderr what it got, once in a sandbox, as
 * `hostile PLACE: NAME: RESULT`, and leaves a process of the name `MARK-left` behind.
 */
export async function unpackHostileBase(root: string, treasure: Treasure): Promise<void> {
  await unpackMinbase(root);
  const put = (name: string, text: string | Buffer, mode = 0o755) => {
    fs.mkdirSync(path.dirname(root + name), { recursive: true });
    fs.rmSync(root + name, { force: true });
    fs.writeFileSync(root + name, text, { mode });
  };
  const shell = `#!${PLACE}/real/dash\n`;
  const words = [...attemptWords(treasure), 'outlive', `${treasure.mark}-left`].join(' ');
  put(`${PLACE}/attempts.pl`, fs.readFileSync(ATTEMPTS));
  // /run is new in each sandbox; where there is none, as in the root outside of the image's, each counts.
  put(
    `${PLACE}/try`,
    `${shell}[ ! -d /run ] || mkdir "/run/hostile-$1" 2>/dev/null || exit 0
perl ${PLACE}/attempts.pl ${words} 2>&1 <"$0" | sed "s/^/hostile $1: /" >&2
exit 0\n`,
  );
  fs.mkdirSync(`${root}${PLACE}/real`);
  for (const name of REPLACED) {
    const real = `${PLACE}/real/${path.basename(name)}`;
    fs.renameSync(root + name, root + real);
    put(name, `${shell}${PLACE}/try ${path.basename(name)}\nexec ${real} "$@"\n`);
  }

  const settings = APT_HOOKS.map(name => {
    const command = `${PLACE}/${name.replaceAll('::', '-')}`;
    const rest = AFTERWARDS[name] ?? 'exit 0';
    if (name === 'Dir::Bin::methods')
      put(`${command}/http`, `${shell}${PLACE}/try ${name}\nexec /usr/lib/apt/methods/http "$@"\n`);
    else put(command, `${shell}${PLACE}/try ${name}\n${rest}\n`);
    return /^Dir|^Acquire/.test(name) ? `${name} "${command}";\n` : `${name} { "${command}"; };\n`;
  });
  put('/etc/apt/apt.conf.d/99hostile', settings.join(''), 0o644);
  const dpkg = DPKG_HOOKS.map(name => `${name}=${PLACE}/try dpkg-${name}; cat >/dev/null\n`);
  put('/etc/dpkg/dpkg.cfg.d/hostile', dpkg.join(''), 0o644);

  const confmodule = '/usr/share/debconf/confmodule';
  put(confmodule, `${PLACE}/try confmodule\n${fs.readFileSync(root + confmodule, 'utf8')}`, 0o644);
  const frontend = '/usr/share/perl5/Debconf/FrontEnd/Noninteractive.pm';
  put(
    frontend,
    `BEGIN { system('${PLACE}/try', 'debconf-frontend') }\n${fs.readFileSync(root + frontend, 'utf8')}`,
    0o644,
  );

  const library = `${root}${PLACE}/library.so`;
  await must('gcc', ['-shared', '-fPIC', '-o', library, '-x', 'c', '-'], { stdin: LIBRARY });
  put('/etc/ld.so.preload', `${PLACE}/library.so\n`, 0o644);
}
