/**
 * For slapd's postinst: the password that it was told becomes the same text in every build. slappasswd adds random bytes; here they
 * come from the name of the directory and the time of the image. A password that is made up stays as random as it was.
 */
export const SETTLED_PASSWORD = `slappasswd() {
  db_get slapd/password1
  [ -n "$RET" ] || { command slappasswd "$@"; return; }
  db_get shared/organization
  set -- "$2" "$RET"
  db_get slapd/domain
  perl -MDigest::SHA=sha1,sha256 -MMIME::Base64 -e '
    my ($password, @directory) = @ARGV;
    my $salt = substr(sha256(join("\\0", @directory)), 0, 8);
    print "{SSHA}", encode_base64(sha1($password, $salt) . $salt, ""), "\\n";
  ' "$1" "$2" "$RET" "$SOURCE_DATE_EPOCH"
}
`;
