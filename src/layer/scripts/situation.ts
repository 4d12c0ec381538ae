/** What dpkg is doing with the package. */
export type Situation = 'install' | 'upgrade';

/** The arguments of one run of a script; undefined for those that are not known. */
export type Arguments = readonly (string | undefined)[];

/** How dpkg calls a script (Debian policy, 6.5); none when it does not run then. */
export function runsOf(
  script: string,
  situation: Situation,
  more: { readonly from?: string; readonly isTriggered?: boolean } = {},
): Arguments[] {
  const triggered: Arguments[] = more.isTriggered === true ? [['triggered', undefined]] : [];
  const { from } = more;
  if (situation === 'install') {
    // dpkg gives a preinst no version, and a postinst an empty one.
    if (script === 'preinst') return [['install']];
    if (script === 'config') return [['configure', '']];
    return script === 'postinst' ? [['configure', ''], ...triggered] : [];
  }
  if (script === 'preinst') return [['upgrade', from, undefined]];
  if (script === 'postinst') return [['configure', from], ...triggered];
  if (script === 'config') return [['configure', from]];
  return script === 'prerm' || script === 'postrm' ? [['upgrade', undefined]] : [];
}
