import { describe, expect, it } from 'vitest';
import type { CommandDefinition } from '../commands/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { parseInvocation } from './invocation.ts';
import { allCommands, createRegistry } from './registry.ts';

const base = {
  group: 'general',
  summary: 's',
  description: 'd',
  examples: [{ command: 'x', does: 'y' }],
  load: () => Promise.reject(new Error('not loaded in this test')),
} as const;

const definitions: readonly CommandDefinition[] = [
  ...allCommands.filter(({ path }) => ['help', 'version', 'validate'].includes(path[0] ?? '')),
  {
    ...base,
    path: ['layer'],
    aliases: ['install'],
    arguments: [{ name: 'PACKAGE', description: 'p', kind: 'variadic' }],
    options: [
      { name: 'karg', value: 'K=V', description: 'k', repeatable: true },
      {
        name: 'mode',
        short: 'm',
        value: 'MODE',
        description: 'm',
        choices: ['fast', 'slow'],
        default: 'slow',
      },
      { name: 'now', description: 'n' },
      { name: 'tries', value: 'N', description: 't' },
    ],
  },
  {
    ...base,
    path: ['run'],
    arguments: [
      { name: 'ID', description: 'i', kind: 'optional' },
      { name: 'CMD', description: 'c', kind: 'rest' },
    ],
  },
  {
    ...base,
    path: ['override'],
    arguments: [
      { name: 'PACKAGE', description: 'p' },
      { name: 'FILE', description: 'f' },
    ],
  },
  { ...base, path: ['override', 'list'] },
  { ...base, path: ['image', 'write'] },
  { ...base, path: ['image', 'dump'] },
  { ...base, path: ['set'], arguments: [{ name: 'SWITCH', description: 's', choices: ['true', 'false'] }] },
];
const registry = createRegistry(definitions);
const parse = (line: string) => parseInvocation(registry, line === '' ? [] : line.split(' '));
const verb = (line: string) => parse(line).definition.path.join(' ');

describe('finding the verb', () => {
  it.each([
    ['layer vim', 'layer'],
    ['ostree layer vim', 'layer'],
    ['install vim', 'layer'],
    ['--json ostree --verbose layer vim', 'layer'],
    ['image write', 'image write'],
    ['ostree image write', 'image write'],
    ['override list', 'override list'],
    ['override linux-image-generic /k.deb', 'override'],
    ['--validate', 'validate'],
    ['--version', 'version'],
    ['--help', 'help'],
    ['layer --help', 'help'],
    ['layer --now -h vim', 'help'],
    ['ostree', 'help'],
  ])('%s', (line, expected) => expect(verb(line)).toBe(expected));

  it('takes no verb at all for help and a usage error', () => {
    expect(parse('').isEmpty).toBe(true);
    expect(parse('help').isEmpty).toBe(false);
  });

  it('explains the verb that --help stands with', () => {
    expect(parse('image write --help').args.argumentList('VERB')).toEqual(['image', 'write']);
    expect(parse('layer vim --help').args.argumentList('VERB')).toEqual(['layer']);
    expect(parse('image -h').args.argumentList('VERB')).toEqual(['image']);
  });
});

describe('options', () => {
  it('may stand anywhere', () => {
    for (const line of [
      '--json layer vim git --now',
      'layer --now vim --json git',
      'layer vim git --json --now',
    ]) {
      const { args, globals } = parse(line);
      expect(args.argumentList('PACKAGE')).toEqual(['vim', 'git']);
      expect(args.flag('now')).toBe(true);
      expect(globals.json).toBe(true);
    }
  });

  it('have values, defaults and repetitions', () => {
    const { args } = parse('layer vim --karg a=1 --karg=b=2 -m fast --tries 3');
    expect(args.optionList('karg')).toEqual(['a=1', 'b=2']);
    expect(args.choice('mode', ['fast', 'slow'])).toBe('fast');
    expect(args.integer('tries', { min: 1, max: 5 })).toBe(3);
    const none = parse('layer vim').args;
    expect(none.choice('mode', ['fast', 'slow'])).toBe('slow');
    expect(none.optionList('karg')).toEqual([]);
    expect(none.flag('now')).toBe(false);
    expect(none.integer('tries', { min: 1, max: 5 })).toBeUndefined();
  });

  it('of every verb', () => {
    expect(
      parse(
        '-nyq --no-color --offline --disable-repo a --disable-repo b --progress-fd 3 --sysroot /x/../s --wait layer vim',
      ).globals,
    ).toEqual({
      sysroot: '/s',
      json: false,
      progressFd: 3,
      verbosity: 'quiet',
      dryRun: true,
      assumeYes: true,
      color: false,
      waitSeconds: Number.POSITIVE_INFINITY,
      disabledRepos: ['a', 'b'],
      offline: true,
    });
    expect(parse('layer vim --wait 30').globals.waitSeconds).toBe(30);
    expect(parse('layer vim --wait').globals.waitSeconds).toBe(Number.POSITIVE_INFINITY);
    expect(parse('layer vim').globals).toMatchObject({ waitSeconds: 0, color: true, verbosity: 'normal' });
  });

  it('after -- belong to the program that is run', () => {
    const { args, globals } = parse('run booted -- ls --json -- -l');
    expect(args.optionalArgument('ID')).toBe('booted');
    expect(args.argumentList('CMD')).toEqual(['ls', '--json', '--', '-l']);
    expect(globals.json).toBe(false);
    expect(parse('run -- ls').args.optionalArgument('ID')).toBeUndefined();
    expect(parse('layer -- -odd').args.argumentList('PACKAGE')).toEqual(['-odd']);
  });

  it.each(['__proto__', 'constructor', 'toString'])('named %s are unknown like any other', name => {
    expect(() => parse(`layer vim --${name}`)).toThrow('unknown option');
    expect(() => parse(name)).toThrow('unknown verb');
  });
});

describe('what is wrong', () => {
  it.each([
    ['layr vim', 'unknown verb "layr"', 'did you mean `apt-layer layer`?'],
    ['instal vim', 'unknown verb "instal"', 'did you mean `apt-layer install`?'],
    ['xyzzy', 'unknown verb "xyzzy"', 'see `apt-layer help`'],
    ['image', 'image: the verb needs another word', 'there is `image write`, `image dump`'],
    ['image wrte', 'unknown verb "image wrte"', 'did you mean `apt-layer image write`?'],
    ['--jsno', 'unknown option "--jsno"', 'did you mean --json?'],
    ['layer vim --mdoe fast', 'layer: unknown option "--mdoe"', 'did you mean --mode?'],
    ['layer vim -Z', 'layer: unknown option "-Z"', 'see `apt-layer help layer`'],
    ['layer vim --now=1', 'layer: --now takes no value', undefined],
    ['layer vim --mode fats', '--mode: "fats" is not one of fast, slow', 'did you mean fast?'],
    ['layer vim -m fast -m slow', '--mode is given more than once', 'see `apt-layer help layer`'],
    ['layer', 'layer: PACKAGE is missing (p)', 'see `apt-layer help layer`'],
    ['override a b c', 'override: unexpected argument "c"', 'see `apt-layer help override`'],
    ['set yes', 'SWITCH: "yes" is not one of true, false', undefined],
    ['layer vim --karg', "option '--karg <K=V>' argument missing", undefined],
    ['-q -v layer vim', '--quiet and --verbose contradict each other', undefined],
    [
      '--progress-fd 2 layer vim',
      '--progress-fd: "2" is not a number that fits',
      'give a whole number from 3 to 65535',
    ],
    ['--sysroot= layer vim', '--sysroot: the directory has no name', undefined],
    ['--version layer', '--version stands alone: unexpected "layer"', undefined],
  ])('%s', (line, message, hint) => {
    let thrown: unknown;
    try {
      parse(line);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AptLayerError);
    expect(thrown).toMatchObject({ code: 'USAGE', exitCode: 2, hint });
    expect((thrown as Error).message).toContain(message);
  });

  it('in the code of a verb is a bug', () => {
    const { args } = parse('layer vim');
    expect(() => args.flag('nwo')).toThrow('layer declares no nwo');
    expect(() => args.flag('mode')).toThrow('wrong form');
    expect(() => args.option('now')).toThrow('wrong form');
    expect(() => args.choice('mode', ['quick'])).toThrow('no such choice');
    expect(() => parse('layer vim --tries x').args.integer('tries', { min: 1, max: 5 })).toThrow(
      AptLayerError,
    );
  });
});
