/**
 * For roundcube-core's postinst: the key that it would make up for one image becomes the same text in every build, with a mark that it is to be
 * made anew on each machine (layer/finish has the other half). A key that the configuration has already is never made up.
 */
export const SETTLED_KEY = `head() {
  : >/etc/roundcube/apt-layer-key
  command head -c18 /dev/zero
}
`;
