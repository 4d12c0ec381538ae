import fs from 'node:fs';
import { must } from './command.ts';
import { temporaryDirectory } from './temporary.ts';

/** An OpenPGP key of the test's own, in a private GNUPGHOME that goes away on disposal. */
export interface SigningKey extends AsyncDisposable {
  readonly fingerprint: string;
  /** GNUPGHOME with the private key, for programs that sign by it. */
  readonly home: string;
  /** Text block for an inline `Signed-By`. */
  readonly armored: string;
  /** Binary keyring file with the public key. */
  readonly keyring: string;
  /** Signs in place of the text, as InRelease. */
  clearSign(text: string): Promise<string>;
  /** A signature apart from the text, armored, as Release.gpg. */
  detachSign(text: string): Promise<string>;
}

/** Makes an ed25519 key without a passphrase; takes a fraction of a second. */
export async function signingKey(owner = 'Test archive <archive@example.org>'): Promise<SigningKey> {
  // The agent's socket lies in here, and its path may have 107 bytes at most: hence not in TMPDIR.
  const home = temporaryDirectory('gpg', '/tmp');
  fs.chmodSync(home.path, 0o700);
  const gpg = (args: readonly string[], stdin?: string) =>
    must('gpg', ['--homedir', home.path, '--batch', '--no-tty', '--quiet', ...args], {
      ...(stdin === undefined ? {} : { stdin }),
      env: { GNUPGHOME: undefined },
    });
  await gpg([
    ...['--pinentry-mode', 'loopback', '--passphrase', ''],
    ...['--quick-generate-key', owner, 'ed25519', 'sign', 'never'],
  ]);
  const listing = await gpg(['--with-colons', '--list-keys']);
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1];
  if (fingerprint === undefined) throw new Error(`gpg listed no key:\n${listing}`);
  const armored = await gpg(['--armor', '--export', fingerprint]);
  const keyring = home.join('archive-keyring.gpg');
  await gpg(['--output', keyring, '--export', fingerprint]);
  return {
    fingerprint,
    home: home.path,
    armored,
    keyring,
    clearSign: text => gpg(['--digest-algo', 'SHA512', '--clearsign'], text),
    detachSign: text => gpg(['--digest-algo', 'SHA512', '--armor', '--detach-sign'], text),
    async [Symbol.asyncDispose]() {
      await must('gpgconf', ['--homedir', home.path, '--kill', 'all']);
      await home[Symbol.asyncDispose]();
    },
  };
}
