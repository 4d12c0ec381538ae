import type { CompletedOption, CompletionModel, Values } from './model.ts';

/** A script for zsh's completion system, to be found as `_apt-layer`. */
export function zshCompletion({ globals, nodes }: CompletionModel): string {
  const withValue = globals.filter(option => option.values !== undefined).map(option => `--${option.name}`);
  const verbs = nodes.map(node => node.verb).filter(verb => verb !== '');
  return `#compdef apt-layer
_apt_layer() {
  local verb='' word skip='' i
  local -a next options
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $skip ]]; then skip=''; continue; fi
    case $word in
      --) return ;;
      ${withValue.join('|')}) skip=1 ;;
      -*|ostree) ;;
      *)
        case "\${verb:+$verb }$word" in
          (${verbs.map(verb => verb.replaceAll(' ', '\\ ')).join('|')}) verb="\${verb:+$verb }$word" ;;
        esac ;;
    esac
  done
  options=(
${globals.map(option => `    ${optionEntry(option)}\n`).join('')}  )
  case "$verb $words[CURRENT-1]" in
${nodes
  .flatMap(node => node.options.map(option => valueCase(option, node.verb)))
  .concat(globals.map(option => valueCase(option, undefined)))
  .join('')}  esac
  case $verb in
${nodes
  .map(
    node => `    (${node.verb === '' ? "''" : node.verb.replaceAll(' ', '\\ ')})
      next=(${node.words.map(({ word, description }) => quote(`${escapeColon(word)}:${description}`)).join(' ')})
      options+=(${node.options.map(optionEntry).join(' ')})
${operandLine(node.operands)}      ;;
`,
  )
  .join('')}  esac
  (( $#next )) && _describe -t verbs verb next
  [[ $PREFIX == -* ]] && _describe -t options option options
  return 0
}
compdef _apt_layer apt-layer
`;
}

function operandLine(values: Values): string {
  const action = actionFor(values);
  return action === undefined ? '' : `      [[ $PREFIX == -* ]] || ${action}\n`;
}

function valueCase(option: CompletedOption, verb: string | undefined): string {
  if (option.values === undefined) return '';
  const start = verb === undefined ? '*' : verb.replaceAll(' ', '\\ ');
  return `    (${start}\\ --${option.name}) ${actionFor(option.values) ?? ':'}; return ;;\n`;
}

function actionFor(values: Values): string | undefined {
  if (values === 'any') return undefined;
  if (values === 'file') return '_files';
  if (values === 'directory') return '_files -/';
  return `compadd -- ${values.choices.map(quote).join(' ')}`;
}

function optionEntry(option: CompletedOption): string {
  return quote(`--${option.name}:${option.description}`);
}

function escapeColon(text: string): string {
  return text.replaceAll(':', '\\:');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
