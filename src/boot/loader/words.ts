/** A menu title without what would end its line, or be more than a person reads. */
export function escapedTitle(title: string): string {
  return title.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, 120);
}

/** Arguments as the kernel reads them: a value with blanks is in double quotes. */
export function joinedArguments(words: readonly string[]): string {
  return words.map(quotedArgument).join(' ');
}

/** One argument as the kernel reads it. Quotes in the middle of a value are the kernel's to make sense of. */
export function quotedArgument(word: string): string {
  const plain = plainArgument(word);
  if (!plain.includes(' ') || plain.includes('"')) return plain;
  const equals = plain.indexOf('=');
  return equals === -1 ? `"${plain}"` : `${plain.slice(0, equals)}="${plain.slice(equals + 1)}"`;
}

/** What an argument means: without the double quotes around its value or around all of it. GRUB sets its own where they are needed. */
export function plainArgument(word: string): string {
  const text = word.replace(/[\x00-\x1f\x7f]/g, ' ');
  const [, key = '', value = ''] = /^([^"=]*=)?"([^"]*)"$/.exec(text) ?? [undefined, text];
  return key + value;
}
