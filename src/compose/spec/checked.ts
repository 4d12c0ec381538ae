/** The outcome of checking one piece of text: its meaning, or why it has none. */
export type Checked<T> = { readonly value: T } | Refusal;

/** Why a piece of text has no meaning here, in words for its author. */
export interface Refusal {
  readonly reason: string;
  readonly hint?: string;
  /** The text is well-formed, but this version cannot do what it asks. */
  readonly unsupported?: true;
}

/** Text from the spec as it may stand in a message: quoted, control characters escaped, cut at 60 characters. */
export function quoteText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
