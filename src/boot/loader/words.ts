/** A menu title without what would end its line, or be more than a person reads. */
export function escapedTitle(title: string): string {
  return title.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, 120);
}

/** Arguments as the kernel reads them: a value with blanks is in double quotes. */
export function joinedArguments(words: readonly string[]): string {
  return words.map(quotedArgument).join(' ');
}

/** One argument as the kernel reads it. */
export function quotedArgument(word: string): string {
  const plain = word.replace(/[\x00-\x1f\x7f]/g, ' ');
  if (!plain.includes(' ') || plain.includes('"')) return plain.replaceAll(' ', '');
  const equals = plain.indexOf('=');
  return equals === -1 ? `"${plain}"` : `${plain.slice(0, equals)}="${plain.slice(equals + 1)}"`;
}
