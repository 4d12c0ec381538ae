import { describe, expect, it } from 'vitest';
import { type CommandDefinition, plainStyle, verbOf } from '../commands/index.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { completionModel } from './completion/model.ts';
import { zshCompletion } from './completion/zsh.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { renderVerbHelp } from './help.ts';
import { parseInvocation } from './invocation.ts';
import { renderManual } from './manual.ts';
import { allCommands, createRegistry, verbNames } from './registry.ts';

const registry = createRegistry(allCommands);
const visible = allCommands.filter(definition => definition.hidden !== true);

/** What holds for every definition, whoever wrote it. */
describe.each(allCommands.map(definition => [verbOf(definition), definition] as const))(
  '%s',
  (_, definition) => {
    const options = definition.options ?? [];
    const operands = definition.arguments ?? [];

    it('is described', () => {
      expect(definition.summary).toMatch(/^[^A-Z].{3,60}[^.]$/);
      expect(definition.description).toMatch(/[.:`]$/);
      expect(definition.examples.length).toBeGreaterThan(0);
      for (const option of options) expect(option.description).toMatch(/^\S.*[^.]$/);
      for (const operand of operands) expect(operand.name).toMatch(/^[A-Z][A-Z0-9=|-]*$/);
    });

    it('has options of its own', () => {
      const names = options.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
      expect(new Set(names).size).toBe(names.length);
      const taken = GLOBAL_OPTIONS.flatMap(({ name, short }) => [name, short]);
      expect(names.filter(name => taken.includes(name))).toEqual([]);
      for (const { default: initial, choices } of options)
        if (initial !== undefined && choices !== undefined) expect(choices).toContain(initial);
    });

    it('has operands that can be told apart', () => {
      const kinds = operands.map(({ kind }) => kind ?? 'required');
      const lists = kinds.findIndex(kind => kind.startsWith('variadic'));
      if (lists >= 0) expect(kinds.slice(lists + 1).filter(kind => kind !== 'rest')).toEqual([]);
      const firstOptional = kinds.indexOf('optional');
      if (firstOptional >= 0) expect(kinds.slice(firstOptional)).not.toContain('required');
      if (kinds.includes('rest')) expect(kinds.indexOf('rest')).toBe(kinds.length - 1);
    });

    it('has examples that parse as this verb', () => {
      for (const { command } of definition.examples) {
        const words = command.replace(/\s[|>&].*$/, '').split(/\s+/);
        expect(verbOf(parseInvocation(registry, words).definition)).toBe(verbOf(definition));
      }
    });
  },
);

it('every verb has its code', async () => {
  for (const definition of allCommands) {
    const { command } = await definition.load();
    expect(command.run, verbOf(definition)).toBeTypeOf('function');
    expect(command.render, verbOf(definition)).toBeTypeOf('function');
  }
});

it('no two verbs have one name', () => {
  const names = allCommands.flatMap(verbNames);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('help', () => {
  it('of a verb shows all there is to know', () => {
    const definition: CommandDefinition = {
      path: ['layer'],
      aliases: ['install'],
      group: 'change',
      summary: 'add packages',
      description: 'First paragraph.\n\nSecond.',
      arguments: [{ name: 'PACKAGE', description: 'what to add', kind: 'variadic' }],
      options: [
        { name: 'mode', short: 'm', value: 'MODE', description: 'how', choices: ['a', 'b'], default: 'a' },
      ],
      examples: [{ command: 'layer vim', does: 'add vim' }],
      mutates: true,
      needsRoot: true,
      load: () => Promise.reject(new Error('not needed')),
    };
    expect(renderVerbHelp(definition, [], plainStyle)).toBe(`Usage: apt-layer layer [OPTIONS] PACKAGE...

First paragraph.

Second.

Also called: install

Arguments:
  PACKAGE  what to add

Options:
  -m, --mode MODE  how (a, b; default a)

Examples:
  apt-layer layer vim
      add vim

With --dry-run it only says what it would do. Needs root. \`apt-layer help\` lists the options of every verb.
`);
  });
});

describe('completion scripts', () => {
  const model = completionModel(allCommands);
  it('know every verb, option and choice', () => {
    const root = model.nodes.find(node => node.verb === '');
    expect(root?.words.map(({ word }) => word)).toEqual(
      expect.arrayContaining([...new Set(visible.map(({ path }) => path[0]))]),
    );
    for (const script of [bashCompletion(model), zshCompletion(model), fishCompletion(model)]) {
      for (const { path, options = [] } of visible) {
        expect(script).toContain(path.at(-1));
        for (const { name } of options) expect(script).toContain(name);
      }
      expect(script).toContain('sha512');
      expect(script).not.toContain('undefined');
    }
  });
  it('leave out hidden verbs', () => {
    expect(model.nodes.map(({ verb }) => verb)).not.toContain('man');
  });
});

describe('the manual', () => {
  const page = renderManual(allCommands, '1.2.3');
  it('has a section for each verb and each exit code', () => {
    for (const definition of visible)
      expect(page).toContain(`.SS "${verbOf(definition).replaceAll('-', '\\-')}"`);
    expect(page).toContain('.B 75\nanother transaction holds the lock');
  });
  it('has no line that roff would take for an unknown request', () => {
    const requests = page.split('\n').filter(line => /^[.']/.test(line));
    expect(requests.filter(line => !/^\.(TH|SH|SS|PP|TP|RS|RE|B|I|nf|fi)( |$)/.test(line))).toEqual([]);
  });
});
