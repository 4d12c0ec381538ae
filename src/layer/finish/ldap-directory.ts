import { fromText } from '../../formats/bytes/index.ts';
import { lookup, type Tree } from '../../formats/tree/index.ts';
import { withRootFile } from '../place.ts';
import { type ContentAccess, textAt } from './content.ts';
import type { Secret } from './secret.ts';

const CONFIGURATION = '/etc/ldap/slapd.d';
const DATABASE_LDIF = `${CONFIGURATION}/cn=config/olcDatabase={1}mdb.ldif`;
const ANSWERS = '/var/cache/debconf/config.dat';
const PASSWORDS = '/var/cache/debconf/passwords.dat';
/** The administrator's password as slapd keeps it, where a spec chose one; root's alone. */
const PASSWORD = '/usr/lib/apt-layer/slapd-password';

/** What slapd's postinst does for a first installation, from the same answers; whole or not there at all. */
const COMMAND = [
  `answer() { sed -n "\\|^Name: $1\\$|,/^\\$/s/^Value: //p" ${ANSWERS}; }`,
  "domain=$(answer slapd/domain | sed 's/^\\.//; s/\\.$//')",
  '[ -n "$domain" ] || domain=nodomain',
  'organization=$(answer shared/organization)',
  '[ -n "$organization" ] || organization=$domain',
  'suffix="dc=$(echo "$domain" | sed \'s/\\./,dc=/g\')"',
  `if [ -e ${PASSWORD} ]; then password=$(cat ${PASSWORD}); else password=$(slappasswd -s "$(head -c 15 /dev/urandom | base64)"); fi`,
  `new=${CONFIGURATION}.new`,
  'rm -rf "$new" && mkdir -p "$new" /var/lib/ldap || exit 1',
  'sed "s|@SUFFIX@|$suffix|g; s|@PASSWORD@|$password|g" /usr/share/slapd/slapd.init.ldif | slapadd -F "$new" -b cn=config || exit 1',
  'slapcat -F "$new" -b "$suffix" 2>/dev/null | grep -q . || printf \'dn: %s\\nobjectClass: top\\nobjectClass: dcObject\\nobjectClass: organization\\no: %s\\ndc: %s\\n\' "$suffix" "$organization" "$(echo "$domain" | cut -d . -f 1)" | slapadd -F "$new" -b "$suffix" || exit 1',
  `chown -R openldap:openldap "$new" /var/lib/ldap && mv -T "$new" ${CONFIGURATION}`,
].join('; ');

/**
 * The empty directory of OpenLDAP and its configuration: both have identities and times in every entry. An administrator who
 * said that the package is not to make them has placed his own.
 */
export const LDAP_DIRECTORY: Secret = {
  paths: [CONFIGURATION, '/var/lib/ldap/*.mdb'],
  tool: '/usr/sbin/slapadd',
  proof: CONFIGURATION,
  command: COMMAND,
  before: ['slapd.service'],
  unless: { path: ANSWERS, says: /^Name: slapd\/no_configuration\n(?:.+\n)*?Value: true$/m },
};

/**
 * The tree with the password of the directory's administrator beside the directory, if the packages were told one: it outlives the
 * directory that was made while they were configured.
 */
export function withDirectoryPassword(tree: Tree, access: ContentAccess): Tree {
  if (lookup(tree, fromText(DATABASE_LDIF)) === undefined) return tree;
  const chosen = /^Name: slapd\/password1\n(?:.+\n)*?Flags:.*\bseen\b/m;
  if (!chosen.test(textAt(tree, PASSWORDS, access.read))) return tree;
  // Long lines go on after a line break and a blank; what is not plain text is in base64, after two colons.
  const ldif = textAt(tree, DATABASE_LDIF, access.read).replaceAll('\n ', '');
  const [, encoded, text] = /^olcRootPW:(:?) (.+)$/m.exec(ldif) ?? [];
  if (text === undefined) return tree;
  const bytes = Buffer.from(text, encoded === ':' ? 'base64' : 'latin1');
  return withRootFile(tree, { path: PASSWORD, bytes, mode: 0o600 }, access.put);
}
