import type { Checked } from './checked.ts';
import type { SigningKey } from './model.ts';
import { checkHostPath } from './paths.ts';

const OPENPGP = 'PGP PUBLIC KEY BLOCK';
/** PEM, as cosign and skopeo write public keys of sigstore. */
const SIGSTORE = 'PUBLIC KEY';

/** The key of an archive: an armored OpenPGP key, or the path of a file with keys. */
export function checkSigningKey(text: string): Checked<SigningKey> {
  return checkKey(text, {
    blocks: [OPENPGP],
    what: 'an armored public key',
    hint: `the key begins with ${beginOf(OPENPGP)}; put it into a block after \`signed-by: |\``,
    ofPrivate: 'give the public key (`gpg --armor --export`), and consider the private one as leaked',
  });
}

/** The key of an image: an armored OpenPGP key, a public key of sigstore, or the path of a file with one of them. */
export function checkImageKey(text: string): Checked<SigningKey> {
  return checkKey(text, {
    blocks: [OPENPGP, SIGSTORE],
    what: 'a public key',
    hint: `the key begins with ${beginOf(OPENPGP)} or ${beginOf(SIGSTORE)}; put it into a block after \`- |\``,
    ofPrivate: 'give the public key, and consider the private one as leaked',
  });
}

interface Forms {
  readonly blocks: readonly string[];
  readonly what: string;
  readonly hint: string;
  readonly ofPrivate: string;
}

function checkKey(text: string, { blocks, what, hint, ofPrivate }: Forms): Checked<SigningKey> {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return { reason: 'this is a private key', hint: ofPrivate };
  if (!text.includes('\n') && !text.startsWith('-----')) {
    const path = checkHostPath(text);
    return 'value' in path ? { value: { kind: 'file', path: path.value } } : path;
  }
  const key = text.trim();
  const isKey = blocks.some(
    block => key.startsWith(beginOf(block)) && key.endsWith(`-----END ${block}-----`),
  );
  return isKey
    ? { value: { kind: 'inline', key: `${key}\n` } }
    : { reason: `this is neither a path nor ${what}`, hint };
}

function beginOf(block: string): string {
  return `-----BEGIN ${block}-----`;
}
