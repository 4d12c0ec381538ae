/** How text for people is drawn. Without colour every function returns its argument. */
export interface TextStyle {
  /** Width of the terminal; text that goes to a file or pipe is not wrapped (Infinity). */
  readonly columns: number;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** SGR codes: the one that starts a style and the one that ends it (ECMA-48). */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export function createStyle(options: { readonly color: boolean; readonly columns: number }): TextStyle {
  const paint = (name: keyof typeof CODES) => (text: string) => {
    const [on, off] = CODES[name];
    return options.color && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  };
  return {
    columns: options.columns,
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
  };
}

/** For tests, files and pipes. */
export const plainStyle: TextStyle = createStyle({ color: false, columns: Number.POSITIVE_INFINITY });
