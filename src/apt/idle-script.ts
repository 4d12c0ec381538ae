/** A maintainer script of a package. */
export interface RunningScript {
  readonly package: string;
  readonly script: string;
}

/** The script that dpkg runs, by the command lines of what runs and by what was said; undefined where it runs none. */
export function runningScript(running: readonly string[], said: string): RunningScript | undefined {
  for (const line of running.toReversed()) {
    const installed =
      /\/var\/lib\/dpkg\/info\/([^/\s]+)\.(preinst|postinst|prerm|postrm|config)(?:\s|$)/.exec(line);
    if (installed !== null) return { package: installed[1] ?? '', script: installed[2] ?? '' };
    // Of a package that is being unpacked; dpkg has said of which.
    const script = /\/var\/lib\/dpkg\/tmp\.ci\/(preinst|postinst|prerm|postrm|config)(?:\s|$)/.exec(
      line,
    )?.[1];
    const subject = [...said.matchAll(/^(?:Preparing to unpack|Unpacking) (\S+)/gm)].at(-1)?.[1];
    if (script !== undefined && subject !== undefined)
      return { package: subject.replace(/^.*\//, '').replace(/_.*\.deb$/, ''), script };
  }
  return undefined;
}
