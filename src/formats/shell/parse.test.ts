// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell writes expansions so, too
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../errors/index.ts';
import { type Command, type List, listsOfWord, parseShell, type Word } from './index.ts';

/** A short form of a tree, to compare. */
function shape(list: List): string {
  return list.map(shapeOf).join('; ');
}

function shapeOf(command: Command): string {
  const redirects = command.redirects.map(
    ({ descriptor = '', operator, target, document }) =>
      ` ${descriptor}${operator}${target.raw}${document === undefined ? '' : `=${JSON.stringify(wordShape(document))}`}`,
  );
  return bodyOf(command) + redirects.join('');
}

function bodyOf(command: Command): string {
  switch (command.kind) {
    case 'simple': {
      const assigned = command.assignments.map(
        ({ name, isPartial, value }) => `${name}${isPartial ? '~' : ''}=${wordShape(value)}`,
      );
      return [...assigned, ...command.words.map(wordShape)].join(' ');
    }
    case 'and-or':
      return `(${shapeOf(command.first)}${command.rest.map(({ operator, command: next }) => ` ${operator} ${shapeOf(next)}`).join('')})`;
    case 'not':
    case 'background':
      return `${command.kind}(${shapeOf(command.command)})`;
    case 'pipeline':
      return `(${command.parts.map(shapeOf).join(' | ')})`;
    case 'if':
      return `if(${command.branches.map(({ condition, body }) => `${shape(condition)}: ${shape(body)}`).join(', ')}, ${shape(command.otherwise)})`;
    case 'case':
      return `case(${wordShape(command.subject)}, ${command.arms.map(({ patterns, body, end }) => `${patterns.map(wordShape).join('|')}: ${shape(body)}${end}`).join(' ')})`;
    case 'loop':
      return `${command.keyword}(${shape(command.condition)}: ${shape(command.body)})`;
    case 'for':
      return `for(${command.name} in ${command.words?.map(wordShape).join(' ')}: ${shape(command.body)})`;
    case 'function':
      return `${command.name}()${shapeOf(command.body)}`;
    case 'group':
      return `{${shape(command.body)}}`;
    case 'subshell':
      return `(${shape(command.body)})`;
    case 'condition':
      return `[[${command.words.map(wordShape).join(' ')}]]`;
    case 'arithmetic':
      return '((...))';
  }
}

function wordShape(word: Word): string {
  return word.parts
    .map(part => {
      if (part.kind === 'literal') return part.isQuoted ? `'${part.text}'` : part.text;
      if (part.kind === 'parameter') {
        const rest =
          part.operator === undefined
            ? ''
            : `${part.operator}${part.operand === undefined ? '' : wordShape(part.operand)}`;
        return `<${part.name}${rest}${part.isQuoted ? ' quoted' : ''}>`;
      }
      if (part.kind === 'arithmetic') return '<math>';
      return `<${shape(part.body)}>`;
    })
    .join('');
}

describe('a shell script', () => {
  it.each([
    ['', ''],
    ['a b  c # d\n\n e;f', 'a b c; e; f'],
    ['a \\\n b', 'a b'],
    ['x=1 y= z a=b', 'x=1 y= z a=b'],
    ['a#b', 'a#b'],
    [`a 'b "c' "d $e 'f'" g\\ h`, `a 'b "c' 'd '<e quoted>' 'f'' g' 'h`],
    [`"a\\b\\$\\"" ''`, `'a\\b$"' ''`],
    ["$'a\\'b' $\"c\" $", "'a'b' 'c' $"],
    [`$1$@\${10} $a-`, '<1><@><10> <a>-'],
    [`\${a} \${a:-b c} "\${a:+'x'}" \${a#'*'/}`, `<a> <a:-b c> ''<a:+''x'' quoted> <a#'*'/>`],
    [
      `\${#a} \${#} \${!a} \${a[1]} \${a/b/c} \${a:-\${b:=$(c)}}`,
      '<alength> <#> <aindirect> <aindex> <a/b/c> <a:-<b:=<c>>>',
    ],
    [`"\${a:-"b c"}"`, `''<a:-'b c' quoted>`],
    [`x=$(a "$(b ')')" # )\n) y`, `x=<a ''<b ')'>> y`],
    ['`a \\`b\\` "c"`', "<a <b> 'c'>"],
    [`$((1 + (2 * $x))) $((a); (b))`, '<math> <(a); (b)>'],
    ['a && b || ! c | d; e & f', '(a && b || not((c | d))); background(e); f'],
    ['a |& b 2>&1 >|c 3<d &>e', '(a | b 2>&1 >|c 3<d &>e)'],
    ['a 2 >b', 'a 2 >b'],
    ['if a; then b; elif c; then d; else e; fi >f', 'if(a: b, c: d, e) >f'],
    ['case x in a|b) c;; (d*) ;; *) e; ;& "f") g\nesac', `case(x, a|b: c;; d*: ;; *: e;& 'f': g;;)`],
    ['case $x in @(a|b)) c ;;& esac', 'case(<x>, @(a|b): c;;&)'],
    ['while a; do b; done; until c\ndo d; done', 'while(a: b); until(c: d)'],
    [
      'for x in a b; do c; done; for y do d; done; for ((i=0; i<(2); i++)); do e; done',
      'for(x in a b: c); for(y in undefined: d); for(undefined in undefined: e)',
    ],
    ['f() { a; } >b; function g { c; }; h ()\n(d)', 'f(){a} >b; g(){c}; h()(d)'],
    ['{ a; }; (b; c) | d; {e}; }x', '{a}; ((b; c) | d); {e}; }x'],
    ['[[ -n $a && $b =~ ^(x|y)$ ]] && c', '([[-n <a> && <b> =~ ^(x|y)$]] && c)'],
    [`((a ''"'"''\n); b '))')`, `((a '''); b '))')`],
    ['((i++)); ((a); (b))', '((...)); ((a); (b))'],
    ['a=(b "c"\n d) e+=(f) g[1]=h; declare -a i=(j)', "a~=b'c'd e~=f g~=h; declare -a i=j"],
    ['diff <(a) >(b)', 'diff <a> <b>'],
    ['cat <<E >f; a\nb $c `d`\n"e"\nE\ng', `cat <<E="'b '<c quoted>' '<d>'\\n\\"e\\"\\n'" >f; a; g`],
    ["cat <<-'E' <<F\n\ta $b\n\tE\nc\nF\nd", `cat <<-'E'="'a $b\\n'" <<F="'c\\n'"; d`],
    ['if a; then\ncat <<E\nx\nE\nfi', `if(a: cat <<E="'x\\n'", )`],
    ['esac=1; echo if then fi', 'esac=1; echo if then fi'],
  ])('%j', (text, expected) => {
    expect(shape(parseShell(text))).toBe(expected);
  });

  it('knows the line of each command and word', () => {
    const [first, second] = parseShell('a \\\n b\n\n`\n\nc`\n');
    expect([first?.line, first?.kind === 'simple' ? first.words[1]?.line : 0]).toEqual([1, 2]);
    expect(second?.line).toBe(4);
    const word = second?.kind === 'simple' ? second.words[0] : undefined;
    expect(word && listsOfWord(word)[0]?.[0]?.line).toBe(6);
    const [document] = parseShell('cat <<E\n\n$(\nx)\nE\n');
    const content = document?.redirects[0]?.document;
    expect(content && listsOfWord(content)[0]?.[0]?.line).toBe(4);
  });

  it('keeps its text', () => {
    const [command] = parseShell('if  a ; then b # c\nfi   >d ; e');
    expect(command?.text).toBe('if  a ; then b # c\nfi   >d');
    const texts = parseShell('a b  # c\nd \\\n && e \\\n\n{ f; } \\\n ; (g) # h').map(({ text }) => text);
    expect(texts).toEqual(['a b', 'd \\\n && e', '{ f; }', '(g)']);
  });

  it.each([
    ['a\nif b; then c', 2],
    ['a\n\n)', 3],
    ['fi', 1],
    ['a | | b', 1],
    ['a &&', 1],
    ['a && fi', 1],
    ['a\n"b\n', 2],
    ["a\n'b\n", 2],
    ['a\n\n`b', 3],
    ['\n$(a', 2],
    [`\n\${a`, 2],
    [`\${}`, 1],
    ['a >', 1],
    ['a ;; b', 1],
    ['cat <<E\na\n', 3],
    ['cat <<E', 1],
    ['if ; then a; fi', 1],
    ['case a in b c) ;; esac', 1],
    ['for 1 in a; do b; done', 1],
    ['f() a', 1],
    ['a (b)', 1],
    ['[[ a', 1],
    ['((a', 1],
    ['a=(b', 1],
    ['a\0', undefined],
  ])('is refused: %j (line %s)', (text, line) => {
    const parse = () => parseShell(text);
    expect(parse).toThrow(FormatError);
    try {
      parse();
    } catch (error) {
      expect((error as FormatError).position.line).toBe(line);
    }
  });
});

/** Commands with what their trees look like. */
const { command: anyCommand } = fc.letrec<{
  command: readonly [string, string];
  list: readonly [string, string];
}>(tie => {
  const name = fc.stringMatching(/^[a-z]{1,3}[0-9]$/);
  const quoted = fc.string({ unit: fc.constantFrom(...'a b$\\"\'`\n<;)#') });
  const argument = quoted.map(text => [`'${text.replaceAll("'", `'"'"'`)}'`, text] as const);
  const simple = fc
    .tuple(name, fc.array(argument, { maxLength: 2 }))
    .map(
      ([first, rest]) =>
        [
          [first, ...rest.map(([raw]) => raw)].join(' '),
          [first, ...rest.map(([, text]) => `'${text}'`)].join(' '),
        ] as const,
    );
  const list = tie('list');
  return {
    list: fc
      .array(tie('command'), { minLength: 1, maxLength: 2 })
      .map(
        items => [items.map(([text]) => text).join('\n'), items.map(([, tree]) => tree).join('; ')] as const,
      ),
    command: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      simple,
      list.map(([text, tree]) => [`(${text}\n)`, `(${tree})`] as const),
      list.map(([text, tree]) => [`{ ${text}; } 2>x`, `{${tree}} 2>x`] as const),
      list.map(([text, tree]) => [`x=$(${text}\n)`, `x=<${tree}>`] as const),
      fc.tuple(list, list).map(([[a, b], [c, d]]) => [`if ${a}\nthen ${c}; fi`, `if(${b}: ${d}, )`] as const),
      fc
        .tuple(name, list)
        .map(([a, [b, c]]) => [`case ${a} in ${a}) ${b};; esac`, `case(${a}, ${a}: ${c};;)`] as const),
      fc.tuple(name, list).map(([a, [b, c]]) => [`${a}() { ${b}\n}`, `${a}(){${c}}`] as const),
      fc
        .tuple(list, list)
        .map(([[a, b], [c, d]]) => [`while ${a}; do ${c}\ndone`, `while(${b}: ${d})`] as const),
    ),
  };
});

it('gives the tree that a script was written from', () => {
  fc.assert(
    fc.property(anyCommand, ([text, tree]) => {
      expect(shape(parseShell(text))).toBe(tree);
    }),
    { numRuns: 200 },
  );
});

describe('any text', () => {
  const parses = (text: string): boolean => {
    try {
      parseShell(text);
      return true;
    } catch (error) {
      if (error instanceof FormatError) return false;
      throw error;
    }
  };

  it('is a script or a FormatError', () => {
    const pieces =
      'if |then |else |elif |fi\n|case |in |esac|;;|)|(|((|))|$(|$((|`|"|\'|\\|\n|$1|${|}|{ |<<E|<<-E|E\n|&&|&|!| |a|#|[[ |]]|a=(|<(|>|function |for |do |done|while '.split(
        '|',
      );
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces, '|'), fc.string())), parts => {
        parses(parts.join(''));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '(',
    'if ',
    '! ',
    '{ ',
    'a() ',
    '$((',
    '"$(',
    '${a:-',
    'case a in a) ',
    '<(',
    '((',
    'cat <<E\n$(',
    '$(("(") ',
    '[[ ',
    'x=(',
  ])('is read soon: %j, often', piece => {
    expect(parses(piece.repeat(50_000 / piece.length))).toBe(false);
  });

  it.each([
    'a && ',
    'a | ',
    'a; ',
    'a\n',
    '$a',
    '"$(a)"',
    '$((1))',
    ': $(("(")) ; ',
    'x=1 ',
    '<<E\nE\n',
    'case a in a) ;; esac\n',
  ])('may be long: %j', piece => {
    expect(parses(`${piece.repeat(50_000 / piece.length)} a`)).toBe(true);
  });

  it('is limited in size', () => {
    expect(parses('a'.repeat(4 * 1024 * 1024 + 1))).toBe(false);
  });
});
