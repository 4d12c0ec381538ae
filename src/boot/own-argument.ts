/**
 * Whether a kernel argument is one of those by which a boot finds its deployment, or ends the arguments (`--`: what follows is for init). They are for this program
 * to write: a second one would count instead of the first, and the machine would not come up.
 */
export function isOwnArgument(argument: string): boolean {
  // The kernel takes a name in quotes, too.
  const plain = argument.replaceAll('"', '');
  return plain === '--' || /^(?:composefs[.=]|composefs$|aptlayer\.)/.test(plain);
}
