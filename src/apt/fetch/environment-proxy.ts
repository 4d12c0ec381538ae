import type { Login } from './netrc.ts';

/** The part of the environment that says how archives are reached. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names where apt's configuration names none, as apt's methods take it; empty for none. */
export function environmentProxy(url: URL, environment: ProxyEnvironment): string {
  const { http_proxy: http = '', https_proxy: https } = environment;
  return url.protocol === 'https:' ? (https ?? http) : http;
}

/** Whether `no_proxy`, a list of endings of names, has an address reached without a proxy, whoever names that. */
export function isWithoutProxy({ hostname }: URL, { no_proxy: list = '' }: ProxyEnvironment): boolean {
  const endings = list.toLowerCase().split(',');
  return endings.some(ending => ending.trim() !== '' && hostname.toLowerCase().endsWith(ending.trim()));
}

/** The logins in addresses of proxies of the environment. */
export function environmentLogins({ http_proxy, https_proxy }: ProxyEnvironment): Login[] {
  return [http_proxy, https_proxy].flatMap(text => {
    const url = text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || url.username === '') return [];
    const { protocol, hostname, port, username, password } = url;
    return [
      { protocol, host: hostname, port, path: '', user: decoded(username), password: decoded(password) },
    ];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
