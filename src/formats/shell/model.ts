/**
 * A shell script as a tree: what POSIX calls the shell command language, and the parts of bash that scripts of packages use.
 * Texts hold one character per byte. Lines count from 1.
 */
export type List = readonly Command[];

/** A word before its expansions. */
export interface Word {
  readonly line: number;
  /** As written, quotes and all. */
  readonly raw: string;
  readonly parts: readonly Part[];
}

export type Part =
  | { readonly kind: 'literal'; readonly text: string; readonly isQuoted: boolean }
  | Parameter
  /** `$(...)` and backquotes. */
  | { readonly kind: 'command'; readonly body: List; readonly isQuoted: boolean }
  /** `<(...)` and `>(...)` of bash. */
  | { readonly kind: 'process'; readonly body: List }
  | { readonly kind: 'arithmetic'; readonly parts: readonly Part[] };

/** `$name`, `${name}` or `${name OPERATOR operand}`. */
export interface Parameter {
  readonly kind: 'parameter';
  /** A name, digits, or one of `@*#?$!-`. */
  readonly name: string;
  /** `:-`, `%%`, `/` ...; `length` for `${#name}`, `indirect` for `${!name}`, `index` for an element of an array. */
  readonly operator: string | undefined;
  readonly operand: Word | undefined;
  readonly isQuoted: boolean;
}

export interface Redirect {
  readonly line: number;
  /** The file descriptor that is written before the operator; undefined for the operator's own. */
  readonly descriptor: string | undefined;
  /** `<`, `>`, `>>`, `>|`, `<>`, `<&`, `>&`, `<<`, `<<-`, and of bash `<<<`, `&>`, `&>>`. */
  readonly operator: string;
  /** A file, a descriptor, or the word that ends a here-document. */
  readonly target: Word;
  /** The content of a here-document. */
  readonly document: Word | undefined;
}

export interface Assignment {
  readonly name: string;
  /** `+=`, or one element of an array: the variable keeps something of its old value. */
  readonly isPartial: boolean;
  readonly value: Word;
}

export interface CaseArm {
  readonly patterns: readonly Word[];
  readonly body: List;
  /** `;;` ends, `;&` goes on with the next body, `;;&` with the next pattern. */
  readonly end: ';;' | ';&' | ';;&';
}

export interface Branch {
  readonly condition: List;
  readonly body: List;
}

interface Base {
  readonly line: number;
  /** As written. */
  readonly text: string;
  /** Of a compound command, or of a simple one. */
  readonly redirects: readonly Redirect[];
}

export interface SimpleCommand extends Base {
  readonly kind: 'simple';
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
}

export interface AndOrCommand extends Base {
  readonly kind: 'and-or';
  readonly first: Command;
  /** From left to right; both operators bind the same. */
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly command: Command }[];
}

export interface IfCommand extends Base {
  readonly kind: 'if';
  /** `if` and each `elif`. */
  readonly branches: readonly Branch[];
  readonly otherwise: List;
}

export interface CaseCommand extends Base {
  readonly kind: 'case';
  readonly subject: Word;
  readonly arms: readonly CaseArm[];
}

export interface LoopCommand extends Base {
  readonly kind: 'loop';
  readonly keyword: 'while' | 'until';
  readonly condition: List;
  readonly body: List;
}

export interface ForCommand extends Base {
  readonly kind: 'for';
  /** Undefined for `for ((...))`. */
  readonly name: string | undefined;
  /** Undefined without `in`: the arguments of the script. */
  readonly words: readonly Word[] | undefined;
  readonly body: List;
}

export interface FunctionCommand extends Base {
  readonly kind: 'function';
  readonly name: string;
  readonly body: Command;
}

export type Command =
  | SimpleCommand
  | AndOrCommand
  | IfCommand
  | CaseCommand
  | LoopCommand
  | ForCommand
  | FunctionCommand
  | (Base & { readonly kind: 'not' | 'background'; readonly command: Command })
  | (Base & { readonly kind: 'pipeline'; readonly parts: readonly Command[] })
  | (Base & { readonly kind: 'group' | 'subshell'; readonly body: List })
  /** `[[ ... ]]`: its operands and operators. */
  | (Base & { readonly kind: 'condition'; readonly words: readonly Word[] })
  /** `((...))` */
  | (Base & { readonly kind: 'arithmetic'; readonly parts: readonly Part[] });
