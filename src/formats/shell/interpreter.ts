/** The `#!` line of a script: a program and at most one argument, as execve(2) reads it. Undefined when there is none. */
export function readShebang(
  script: Buffer,
): { readonly path: string; readonly argument: string } | undefined {
  const line = script.toString('latin1', 0, Math.min(script.length, 256)).split('\n', 1)[0] ?? '';
  const found = /^#![ \t]*(\S+)[ \t]*(.*)$/.exec(line);
  return found === null ? undefined : { path: found[1] ?? '', argument: (found[2] ?? '').trimEnd() };
}

/** The program that `#!` names, or undefined when there is no such line. */
export function interpreterOf(script: Buffer): string | undefined {
  return readShebang(script)?.path;
}

/** Whether a shell whose language `parseShell` knows runs the script. */
export function isShellScript(script: Buffer): boolean {
  return /^\/(?:usr\/)?bin\/(?:sh|dash|bash)$/.test(interpreterOf(script) ?? '');
}
