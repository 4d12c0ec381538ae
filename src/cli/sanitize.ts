const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** User and password before the host of a URL; what stands before a digest is the name of an image. */
const CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@?#]+@(?!sha\d+:)/gi;

/**
 * Text for the terminal that may hold what others wrote: control characters (except newline and tab) become
 * `\xHH`, credentials in URLs become `***`.
 */
export function sanitize(text: string): string {
  return hideCredentials(text).replace(
    CONTROL,
    character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** JSON escapes control characters itself, so there only the credentials go. */
export function hideCredentials(text: string): string {
  return text.replace(CREDENTIALS, '$1***@');
}
