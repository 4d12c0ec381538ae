/** The program that `#!` names, or undefined when there is no such line. */
export function interpreterOf(script: Buffer): string | undefined {
  const line = script.toString('latin1', 0, Math.min(script.length, 256)).split('\n', 1)[0] ?? '';
  return /^#![ \t]*(\S+)/.exec(line)?.[1];
}

/** Whether a shell whose language `parseShell` knows runs the script. */
export function isShellScript(script: Buffer): boolean {
  return /^\/(?:usr\/)?bin\/(?:sh|dash|bash)$/.test(interpreterOf(script) ?? '');
}
