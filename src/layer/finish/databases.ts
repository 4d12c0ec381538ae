import { LDAP_DIRECTORY } from './ldap-directory.ts';
import type { Secret } from './secret.ts';

/** Those of Debian 11 to 14. */
const POSTGRESQL_VERSIONS = [13, 15, 17, 18];

/**
 * What packages fill while they are configured with what is random or of the day, and what belongs to one machine: empty
 * databases and the like. The commands are those of the packages' own scripts; what configures them stays in the image.
 */
export const DATABASES: readonly Secret[] = [
  {
    paths: ['/var/lib/mysql/*'],
    tool: '/usr/bin/mariadb-install-db',
    proof: '/var/lib/mysql/mysql',
    command: 'mariadb-install-db --rpm --cross-bootstrap --user=mysql --disable-log-bin --skip-test-db',
    before: ['mariadb.service'],
  },
  ...POSTGRESQL_VERSIONS.map(postgresql),
  LDAP_DIRECTORY,
  {
    // A database of Berkeley DB has an identity of its own.
    paths: ['/etc/aliases.db'],
    tool: '/usr/bin/newaliases',
    proof: '/etc/aliases.db',
    command: 'newaliases',
    before: ['postfix.service'],
  },
  {
    // By the number in it machines are told apart, by the minute they do not all report at once.
    paths: ['/etc/popularity-contest.conf', '/etc/cron.d/popularity-contest'],
    tool: '/usr/sbin/popularity-contest',
    proof: '/etc/popularity-contest.conf',
    command: [
      "yes=$(sed -n '/^Name: popularity-contest.participate$/,/^$/s/^Value: true$/yes/p' /var/cache/debconf/config.dat)",
      `printf 'MY_HOSTID="%s"\\nPARTICIPATE="%s"\\nUSEHTTP="yes"\\nDAY="%s"\\n' "$(tr -d - </proc/sys/kernel/random/uuid)" "\${yes:-no}" "$(shuf -i 0-6 -n 1)" >/etc/popularity-contest.conf`,
      'printf \'%s %s * * *   root    test -x %s && %s --crond\\n\' "$(shuf -i 0-59 -n 1)" "$(shuf -i 0-23 -n 1)" /etc/cron.daily/popularity-contest /etc/cron.daily/popularity-contest >/etc/cron.d/popularity-contest',
    ].join('; '),
    before: ['cron.service'],
  },
];

/** The settings of its cluster stay: a spec may have placed them. Without them somebody removed the cluster. */
function postgresql(version: number): Secret {
  const data = `/var/lib/postgresql/${version}/main`;
  const initialise = `/usr/lib/postgresql/${version}/bin/initdb -D ${data} --locale=C.UTF-8 --auth-local=peer --auth-host=scram-sha-256 --no-instructions`;
  const settings = ['postgresql', 'pg_hba', 'pg_ident'].map(name => `${data}/${name}.conf`).join(' ');
  return {
    paths: [data],
    tool: `/usr/lib/postgresql/${version}/bin/initdb`,
    proof: data,
    command: `[ ! -e /etc/postgresql/${version}/main ] || { su postgres -s /bin/sh -c "${initialise}" && rm -f ${settings}; }`,
    before: ['postgresql.service', `postgresql@${version}-main.service`],
  };
}
