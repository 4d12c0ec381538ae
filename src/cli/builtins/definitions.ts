import type { CommandDefinition } from '../../commands/index.ts';

/**
 * Verbs about the command line itself. Their code needs all definitions, which it gets through `all`; they are here
 * and not in commands/ because a verb must not import the table that names it.
 */
export function builtinCommands(all: () => readonly CommandDefinition[]): readonly CommandDefinition[] {
  return [
    {
      path: ['help'],
      group: 'general',
      summary: 'explain a verb, or list them all',
      description:
        'Without VERB it lists all verbs by what they are for. `apt-layer VERB --help` is the same as ' +
        '`apt-layer help VERB`.',
      arguments: [{ name: 'VERB', description: 'the verb to explain', kind: 'variadic-optional' }],
      examples: [
        { command: 'help', does: 'list all verbs' },
        { command: 'help image write', does: 'explain one' },
      ],
      load: async () => ({ command: (await import('./help.ts')).helpCommand(all()) }),
    },
    {
      path: ['completion'],
      group: 'general',
      summary: 'print a completion script for a shell',
      description: 'Prints a script that makes the shell complete verbs, options and their values.',
      arguments: [
        { name: 'SHELL', description: 'the shell to print it for', choices: ['bash', 'zsh', 'fish'] },
      ],
      examples: [
        {
          command: 'completion bash > /usr/share/bash-completion/completions/apt-layer',
          does: 'install it for bash',
        },
        {
          command: 'completion zsh > /usr/share/zsh/vendor-completions/_apt-layer',
          does: 'install it for zsh',
        },
        {
          command: 'completion fish > /usr/share/fish/vendor_completions.d/apt-layer.fish',
          does: 'install it for fish',
        },
      ],
      load: async () => ({ command: (await import('./completion.ts')).completionCommand(all()) }),
    },
    {
      path: ['man'],
      group: 'general',
      summary: 'print the manual page',
      description: 'Prints the manual page in roff, made from the same data as the help.',
      examples: [{ command: 'man | man -l -', does: 'read it' }],
      hidden: true,
      load: async () => ({ command: (await import('./man.ts')).manCommand(all()) }),
    },
    {
      path: ['version'],
      group: 'general',
      summary: 'print the version',
      description: 'The same as `apt-layer --version`.',
      examples: [{ command: '--version', does: 'print the version' }],
      hidden: true,
      load: () => import('./version.ts'),
    },
  ];
}
