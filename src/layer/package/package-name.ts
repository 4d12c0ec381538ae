const LENGTH_MAX = 255;

/**
 * Why dpkg does not take a name in a package's control file, in its words (pkg_name_is_illegal); undefined for one that it takes. It takes
 * more than Debian Policy allows: capitals, underscores and a single letter. The name becomes part of file names.
 */
export function packageNameProblem(name: string): string | undefined {
  if (name === '') return 'may not be empty string';
  if (!/^[A-Za-z0-9]/.test(name)) return 'must start with an alphanumeric character';
  const other = /[^A-Za-z0-9+._-]/.exec(name)?.[0];
  if (other !== undefined)
    return `character '${other}' not allowed (only letters, digits and characters '-+._')`;
  return name.length > LENGTH_MAX ? `is longer than ${LENGTH_MAX} bytes` : undefined;
}
