import { type Checked, quoteText } from './checked.ts';

const SCHEME = /^(?:mirror\+)?(?:https?|file|copy):/;

/** The address of an archive, in the schemes of apt that need no further configuration. */
export function checkArchiveUri(text: string): Checked<string> {
  const refused = (why: string, hint?: string): Checked<string> => ({
    reason: `${quoteText(text)} is not the address of an archive: ${why}`,
    ...(hint === undefined ? {} : { hint }),
  });
  if (/[^\x21-\x7e]/.test(text))
    return refused('it has spaces, control or non-ASCII characters', 'percent-encode them');
  if (!SCHEME.test(text)) return refused('it does not start with http://, https:// or file:///');
  const bare = text.replace(/^mirror\+/, '');
  if (!URL.canParse(bare)) return refused('it is not a URL');
  const url = new URL(bare);
  if (url.username !== '' || url.password !== '')
    return {
      reason: 'the address of an archive must not hold a user name or password',
      hint: 'a spec is copied into every deployment: put credentials into apt_auth.conf(5) of the building machine',
    };
  const local = url.protocol === 'file:' || url.protocol === 'copy:';
  if (local && (url.hostname !== '' || !/^(?:file|copy):\/(?:\/\/)?[^/]/.test(bare)))
    return refused('a local path must be absolute', 'write file:///path');
  if (!local && !/^https?:\/\/[^/]/.test(bare)) return refused('it names no host');
  return { value: text };
}
