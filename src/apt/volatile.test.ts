import { describe, expect, it } from 'vitest';
import { fromText } from '../formats/bytes/index.ts';
import { volatileAction } from './volatile.ts';

describe('volatileAction', () => {
  it.each([
    ['/etc/passwd-', 'remove-file'],
    ['/etc/passwd', undefined],
    ['/etc/ssh/x-', undefined],
    ['/etc/a/b.conf.dpkg-old', 'remove-file'],
    ['/etc/machine-id', 'empty'],
    ['/etc/.resolv.conf.systemd-resolved.bak', 'remove-file'],
    ['/var/lib/rabbitmq/.erlang.cookie', 'remove-file'],
    ['/var/lib/rabbitmq/mnesia', undefined],
    ['/run', undefined],
    ['/run/lock', 'remove'],
    ['/run/lock/x', 'remove'],
    ['/var/log/apt/term.log', 'remove-file'],
    ['/var/log/wtmp', 'empty'],
    ['/var/lib/dpkg/status', undefined],
    ['/var/lib/dpkg/status-old', 'remove-file'],
    ['/var/lib/dpkg/lock-frontend', 'remove-file'],
    ['/var/cache/apt/archives/a.deb', 'remove-file'],
    ['/var/cache/man/index.db', undefined],
    ['/var/lib/dkms/mok.key', 'remove-file'],
    ['/var/lib/dkms/acpi-call/1.2.2/6.12.1-amd64/x86_64/log/make.log', 'remove-file'],
    ['/var/lib/dkms/acpi-call/1.2.2/6.12.1-amd64/x86_64/module/make.log', undefined],
    ['/var/lib/texmf/web2c/luahbtex/lualatex.fmt', 'remove-file'],
    ['/var/lib/texmf/web2c/aleph/aleph.fmt', 'remove-file'],
    ['/var/lib/texmf/web2c/tex/tex.fmt', undefined],
    ['/var/lib/spamassassin/compiled/5.040/4.000001/bases_body_0.pl', 'remove'],
    ['/var/lib/spamassassin/4.000001/local.cf', undefined],
    ['/srv/var/log/x', undefined],
    ['/usr/share/doc/etc/passwd-', undefined],
  ])('%s -> %s', (name, action) => {
    expect(volatileAction(fromText(name))).toBe(action);
  });
});
