const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** Text that others wrote, for a terminal: control characters other than tab and newline become `\xHH`. */
export function printable(text: string): string {
  return text.replace(CONTROL, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
