import { errnoOf } from '../../errors/index.ts';
import { readFileIfExists } from '../../fs/index.ts';
import type { Host } from '../../host/index.ts';

/** What the kernel says where nobody logged in: in a container, or in a service. */
const NOBODY_LOGGED_IN = 2 ** 32 - 1;
const MAX_BYTES = 16 * 1024 * 1024;

/** Who runs this: who logged in, whoever they became since (sudo, su); else the user that it runs as. The name is empty where there is none. */
export function whoRuns({ sys }: Pick<Host, 'sys'>): { readonly uid: number; readonly name: string } {
  const login = loginOf(sys);
  const uid = login === undefined || login === NOBODY_LOGGED_IN ? (process.getuid?.() ?? 0) : login;
  const accounts = readFileIfExists(sys, '/etc/passwd', MAX_BYTES)?.toString('utf8') ?? '';
  const account = accounts
    .split('\n')
    .map(line => line.split(':'))
    .find(fields => fields[2] === String(uid));
  return { uid, name: account?.[0] ?? '' };
}

/** A kernel without audit has no such file. */
function loginOf(sys: Host['sys']): number | undefined {
  try {
    const text = sys.readFile('/proc/self/loginuid').toString('latin1').trim();
    return /^\d+$/.test(text) ? Number(text) : undefined;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
