import { DATABASES } from './databases.ts';
import type { Secret } from './secret.ts';

/** Measured on 2,700 packages of Debian 13: what two builds of the same packages never agree on, and nobody may share. */
const KEYS: readonly Secret[] = [
  {
    paths: ['/etc/ssh/ssh_host_*_key', '/etc/ssh/ssh_host_*_key.pub'],
    tool: '/usr/bin/ssh-keygen',
    proof: '/etc/ssh/ssh_host_ed25519_key',
    command: 'ssh-keygen -A',
    before: ['ssh.service', 'ssh.socket'],
  },
  {
    paths: ['/etc/ssl/private/ssl-cert-snakeoil.key', '/etc/ssl/certs/ssl-cert-snakeoil.pem'],
    tool: '/usr/sbin/make-ssl-cert',
    proof: '/etc/ssl/private/ssl-cert-snakeoil.key',
    command: 'make-ssl-cert generate-default-snakeoil --force-overwrite',
    before: ['apache2.service', 'nginx.service', 'postfix.service', 'postgresql.service'],
  },
  {
    paths: ['/etc/bind/rndc.key'],
    tool: '/usr/sbin/rndc-confgen',
    proof: '/etc/bind/rndc.key',
    command: 'rndc-confgen -a -u bind',
    before: ['named.service'],
  },
  {
    paths: ['/etc/iscsi/initiatorname.iscsi'],
    tool: '/usr/sbin/iscsi-iname',
    proof: '/etc/iscsi/initiatorname.iscsi',
    command: 'echo "InitiatorName=$(iscsi-iname)" > /etc/iscsi/initiatorname.iscsi',
    before: ['iscsid.service'],
  },
  {
    paths: ['/etc/nvme/hostnqn', '/etc/nvme/hostid'],
    tool: '/usr/sbin/nvme',
    proof: '/etc/nvme/hostnqn',
    command: 'nvme gen-hostnqn > /etc/nvme/hostnqn; uuidgen > /etc/nvme/hostid',
    before: ['nvmf-autoconnect.service'],
  },
  {
    paths: ['/etc/xrdp/rsakeys.ini'],
    tool: '/usr/bin/xrdp-keygen',
    proof: '/etc/xrdp/rsakeys.ini',
    command: 'xrdp-keygen xrdp /etc/xrdp/rsakeys.ini',
    before: ['xrdp.service'],
  },
  {
    paths: ['/etc/varnish/secret'],
    tool: '/usr/sbin/varnishd',
    proof: '/etc/varnish/secret',
    command: 'install -m 0600 /proc/sys/kernel/random/uuid /etc/varnish/secret',
    before: ['varnish.service'],
  },
  {
    paths: ['/etc/munge/munge.key'],
    tool: '/usr/sbin/mungekey',
    proof: '/etc/munge/munge.key',
    command: 'su munge -s /bin/sh -c "mungekey -c"',
    before: ['munge.service'],
  },
  {
    paths: ['/etc/pacemaker/authkey'],
    tool: '/usr/sbin/pacemakerd',
    proof: '/etc/pacemaker/authkey',
    command:
      'umask 037; head -c 4096 /dev/urandom > /etc/pacemaker/authkey; chgrp haclient /etc/pacemaker/authkey',
    before: ['pacemaker.service'],
  },
  {
    // No secret either: a ring of public keys, with the time of each entry.
    paths: ['/var/lib/spamassassin/sa-update-keys/*'],
    tool: '/usr/bin/sa-update',
    proof: '/var/lib/spamassassin/sa-update-keys/pubring.kbx',
    command:
      'runuser -u debian-spamd -- sa-update --gpghomedir /var/lib/spamassassin/sa-update-keys --import /usr/share/spamassassin/GPG.KEY',
    before: ['spamassassin-maintenance.service'],
  },
  {
    paths: ['/var/lib/phpmyadmin/blowfish_secret.inc.php'],
    tool: '/usr/bin/tr',
    proof: '/var/lib/phpmyadmin/blowfish_secret.inc.php',
    command:
      'cd /var/lib/phpmyadmin; umask 077; printf "<?php\\n\\$cfg[\'blowfish_secret\'] = \'%s\';\\n" "$(tr -dc a-zA-Z0-9 </dev/urandom | head -c 32)" >secret.new; chgrp www-data secret.new; chmod 640 secret.new; mv secret.new blowfish_secret.inc.php',
    before: ['apache2.service', 'lighttpd.service', 'nginx.service'],
  },
  {
    // The file with the key is there, with 18 bytes of zeros in base64 for the key: apt/settled-key.ts.
    paths: ['/etc/roundcube/apt-layer-key'],
    tool: '/usr/bin/sed',
    proof: '/etc/roundcube/apt-layer-key',
    command: `sed -i "s|'${'A'.repeat(24)}'|'$(head -c 18 /dev/urandom | base64)'|" /etc/roundcube/config.inc.php && : >/etc/roundcube/apt-layer-key`,
    before: ['apache2.service', 'lighttpd.service', 'nginx.service'],
  },
  {
    // No secret, but numbers that nobody else should have prepared for.
    paths: ['/etc/freeradius/3.0/certs/dh'],
    tool: '/usr/bin/openssl',
    proof: '/etc/freeradius/3.0/certs/dh',
    command: 'openssl dhparam -dsaparam -out /etc/freeradius/3.0/certs/dh 2048',
    before: ['freeradius.service'],
  },
];

/** All that images lack, and machines make. */
export const SECRETS: readonly Secret[] = [...KEYS, ...DATABASES];

/** All their paths, with `*` for any part of a name. */
export const SECRET_PATHS: readonly string[] = SECRETS.flatMap(secret => secret.paths);
