/** A login for a server, from a netrc file of apt (apt_auth.conf(5)). */
export interface Login {
  /** `http:`, `https:`, or undefined where the file names none. */
  readonly protocol: string | undefined;
  readonly host: string;
  /** Empty when any will do. */
  readonly port: string;
  /** A path has to begin with this. */
  readonly path: string;
  readonly user: string;
  readonly password: string;
}

/** The `machine` entries of a netrc text, in its order. What is not understood is passed over. */
export function parseNetrc(text: string): Login[] {
  const words = text.replace(/^\s*#.*$/gm, '').split(/\s+/);
  const logins: Login[] = [];
  let current: Partial<Record<'machine' | 'login' | 'password', string>> = {};
  const flush = () => {
    const login = loginOf(current);
    if (login !== undefined) logins.push(login);
  };
  for (let at = 0; at + 1 < words.length; at += 1) {
    const word = words[at];
    if (word !== 'machine' && word !== 'login' && word !== 'password') continue;
    if (word === 'machine') {
      flush();
      current = {};
    }
    at += 1;
    current[word] = words[at] ?? '';
  }
  flush();
  return logins;
}

function loginOf(entry: Partial<Record<'machine' | 'login' | 'password', string>>): Login | undefined {
  const match = /^(?:(https?:)\/\/)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::(\d+))?(\/.*)?$/.exec(entry.machine ?? '');
  if (match === null) return undefined;
  const [, protocol, host = '', port = '', path = ''] = match;
  return { protocol, host, port, path, user: entry.login ?? '', password: entry.password ?? '' };
}

/** The login for an address, if there is one. Without a protocol an entry is for https alone, as with apt. */
export function findLogin(logins: readonly Login[], url: URL): Login | undefined {
  return logins.find(
    login =>
      (login.protocol ?? 'https:') === url.protocol &&
      login.host === url.hostname &&
      (login.port === '' || login.port === url.port) &&
      url.pathname.startsWith(login.path),
  );
}

/** The value of an Authorization or Proxy-Authorization header. */
export function basicAuthorization(login: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}
