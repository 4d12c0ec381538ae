import type { CompletedOption, CompletionModel, Values } from './model.ts';

/** A script for bash 4 or newer; needs no other file of the bash-completion package. */
export function bashCompletion({ globals, nodes }: CompletionModel): string {
  const withValue = globals.filter(option => option.values !== undefined).flatMap(spellings);
  const verbs = nodes.map(node => node.verb).filter(verb => verb !== '');
  return `# bash completion for apt-layer
_apt_layer() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb='' word skip='' i
  COMPREPLY=()
  # bash makes "--option=value" three words.
  if [[ $cur == '=' ]]; then cur=''; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $skip ]]; then
      [[ $word == '=' ]] || skip=''
      continue
    fi
    case $word in
      --) return ;;
      ${withValue.join('|')}) skip=1 ;;
      -*) ;;
      ostree) ;;
      *)
        case "\${verb:+$verb }$word" in
          ${verbs.map(quote).join('|')}) verb=\${verb:+$verb }$word ;;
        esac ;;
    esac
  done
  case "$verb $prev" in
${nodes
  .flatMap(node => node.options.map(option => valueCase(option, node.verb)))
  .concat(globals.map(option => valueCase(option, undefined)))
  .join('')}  esac
  case $verb in
${nodes
  .map(node => {
    const words = [...node.words.map(({ word }) => word), ...choicesOf(node.operands)];
    const options = [...node.options, ...globals].map(option => `--${option.name}`);
    return `    ${quote(node.verb)})
      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W ${quote(options.join(' '))} -- "$cur"))
      else COMPREPLY=($(compgen ${fileFlag(node.operands)}-W ${quote(words.join(' '))} -- "$cur")); fi ;;
`;
  })
  .join('')}  esac
}
complete -o filenames -F _apt_layer apt-layer
`;
}

function valueCase(option: CompletedOption, verb: string | undefined): string {
  if (option.values === undefined) return '';
  const pattern = spellings(option)
    .map(spelling => (verb === undefined ? `*' ${spelling}'` : quote(`${verb} ${spelling}`)))
    .join('|');
  return `    ${pattern}) COMPREPLY=($(compgen ${fileFlag(option.values)}-W ${quote(choicesOf(option.values).join(' '))} -- "$cur")); return ;;\n`;
}

function spellings(option: CompletedOption): string[] {
  return [`--${option.name}`, ...(option.short === undefined ? [] : [`-${option.short}`])];
}

function choicesOf(values: Values): readonly string[] {
  return typeof values === 'object' ? values.choices : [];
}

function fileFlag(values: Values): string {
  return values === 'file' ? '-f ' : values === 'directory' ? '-d ' : '';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
