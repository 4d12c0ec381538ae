/**
 * What of the user's environment a program inside a deployment gets: terminal, editor, and proxies without user names and
 * passwords, which are for programs of the host. A proxy that is no URL is left out.
 */
export function environmentInside(
  passedOn: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inside: Record<string, string> = {};
  for (const [name, value] of Object.entries(passedOn)) {
    if (value === undefined) continue;
    const shown = isProxy(name) ? withoutLogin(value) : value;
    if (shown !== undefined) inside[name] = shown;
  }
  return inside;
}

/** Of these the proxies alone, for programs that only fetch. */
export function proxiesInside(
  passedOn: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inside = Object.entries(environmentInside(passedOn));
  return Object.fromEntries(inside.filter(([name]) => /_proxy$/i.test(name)));
}

function isProxy(name: string): boolean {
  return /_proxy$/i.test(name) && !/^no_proxy$/i.test(name);
}

function withoutLogin(proxy: string): string | undefined {
  // `host:port` is understood by most programs, too.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username === '' && url.password === '') return proxy;
  url.username = '';
  url.password = '';
  return url.href;
}
