import type { Host } from '../host/index.ts';
import { hasTool, PASSWORD_TOOLS } from './tools.ts';

/** Their arguments for crypt(3) with SHA-512; the password is on stdin. */
const ARGUMENTS = {
  openssl: ['passwd', '-6', '-stdin'],
  mkpasswd: ['--method=sha-512', '--stdin'],
} as const;

/** Hashes a password with SHA-512 and a random salt, as shadow(5) has it. */
export async function hashPassword(host: Host, password: string): Promise<string> {
  const tool = PASSWORD_TOOLS.find(name => hasTool(host, name)) ?? 'openssl';
  const { stdout } = await host.runner.run({ tool, args: ARGUMENTS[tool], stdin: `${password}\n` });
  return stdout.toString('utf8').trim();
}
