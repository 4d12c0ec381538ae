import type { CompletedOption, CompletionModel, CompletionNode, Values } from './model.ts';

/** A script for fish 3. */
export function fishCompletion({ globals, nodes }: CompletionModel): string {
  const withValue = globals.filter(option => option.values !== undefined).map(option => `--${option.name}`);
  const verbs = nodes.map(node => node.verb).filter(verb => verb !== '');
  return `# fish completion for apt-layer
function __apt_layer_verb
    set -l verb
    set -l skip
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
            continue
        end
        switch $word
            case ${withValue.join(' ')}
                set skip 1
            case '-*' ostree
            case '*'
                set -l longer (string join ' ' $verb $word)
                if contains -- $longer ${verbs.map(quote).join(' ')}
                    set verb $longer
                end
        end
    end
    echo $verb
end
function __apt_layer_at
    set -l verb (__apt_layer_verb)
    test "$verb" = "$argv"
end
complete -c apt-layer -f
${globals.map(option => `complete -c apt-layer ${optionFlags(option)}\n`).join('')}${nodes.map(nodeLines).join('')}`;
}

function nodeLines(node: CompletionNode): string {
  const condition = `-n ${quote(`__apt_layer_at ${quote(node.verb)}`)}`;
  const start = `complete -c apt-layer ${condition}`;
  return [
    ...node.words.map(({ word, description }) => `${start} -a ${quote(word)} -d ${quote(description)}\n`),
    ...node.options.map(option => `${start} ${optionFlags(option)}\n`),
    ...(node.operands === 'any' ? [] : [`${start} ${valueFlags(node.operands)}\n`]),
  ].join('');
}

function optionFlags(option: CompletedOption): string {
  const short = option.short === undefined ? '' : `-s ${option.short} `;
  const value = option.values === undefined ? '' : ` -r ${valueFlags(option.values)}`;
  return `${short}-l ${option.name} -d ${quote(option.description)}${value}`.trimEnd();
}

function valueFlags(values: Values): string {
  if (values === 'any') return '';
  if (values === 'file') return '-F';
  if (values === 'directory') return `-a '(__fish_complete_directories)'`;
  return `-f -a ${quote(values.choices.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
