import { AptLayerError } from '../../errors/index.ts';
import { ABIS, type Abi } from './abi.ts';
import { assemble, type Step } from './bpf.ts';
import { type ArgumentTest, DENIED, type Rule } from './denied.ts';
import { NEWEST_CALL, syscallNumber } from './numbers.ts';

// struct seccomp_data of <linux/seccomp.h>; arguments are 64 bits wide, the low half first.
const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
const argumentOffset = (index: number) => 16 + 8 * index;

// SECCOMP_RET_*
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;
// The same on every architecture of the table.
const ERRNOS = { EPERM: 1, EINVAL: 22, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;

const made = new Map<string, Buffer>();

/**
 * The seccomp filter for code of an image on a host of this architecture (dpkg's name), for every ABI that runs there; a
 * call of any other ends the process. HOST_UNSUPPORTED for an architecture whose calls are not known.
 */
export function seccompFilter(architecture: string): Buffer {
  const abis = ABIS[architecture];
  if (abis === undefined)
    throw new AptLayerError('HOST_UNSUPPORTED', `there is no filter of system calls for ${architecture}`, {
      hint: `code of an image is run on ${Object.keys(ABIS).join(', ')} only`,
    });
  const filter = made.get(architecture) ?? assemble([...choose(abis), ...abis.flatMap(stepsOf)]);
  made.set(architecture, filter);
  return filter;
}

function choose(abis: readonly Abi[]): Step[] {
  return [
    { kind: 'load', offset: ARCHITECTURE_OFFSET },
    ...abis.flatMap((abi): Step[] => [
      { kind: 'equal', value: abi.auditArchitecture, yes: undefined, no: `not ${abi.numbers}` },
      { kind: 'jump', to: abi.numbers },
      { kind: 'label', name: `not ${abi.numbers}` },
    ]),
    { kind: 'return', value: KILL_PROCESS },
  ];
}

function stepsOf(abi: Abi): Step[] {
  const rules = DENIED.flatMap(({ rules: ofGroup }) => ofGroup);
  return [
    { kind: 'label', name: abi.numbers },
    { kind: 'load', offset: NUMBER_OFFSET },
    ...(abi.foreignBit === undefined
      ? []
      : missingWhere({ kind: 'anyBit', value: abi.foreignBit }, `${abi.numbers} not foreign`)),
    ...newerCalls(abi),
    ...rules.flatMap((rule, index) => ruleSteps(rule, abi, `${abi.numbers} ${index}`)),
    { kind: 'return', value: ALLOW },
  ];
}

/** ENOSYS where the condition holds; on at the label where it does not. */
function missingWhere(test: { kind: 'anyBit' | 'greater'; value: number }, label: string): Step[] {
  return [
    { ...test, yes: undefined, no: label },
    { kind: 'return', value: ERRNO | ERRNOS.ENOSYS },
    { kind: 'label', name: label },
  ];
}

function newerCalls({ numbers, privateCalls }: Abi): Step[] {
  const newer = missingWhere({ kind: 'greater', value: NEWEST_CALL }, `${numbers} known`);
  if (privateCalls === undefined) return newer;
  const [first, last] = privateCalls;
  const end = `${numbers} own`;
  return [
    { kind: 'greater', value: last, yes: end, no: undefined },
    { kind: 'greater', value: first - 1, yes: undefined, no: end },
    { kind: 'return', value: ALLOW },
    { kind: 'label', name: end },
    ...newer,
  ];
}

function ruleSteps(rule: Rule, abi: Abi, label: string): Step[] {
  const numbers = rule.names.map(name => syscallNumber(name, abi)).filter(number => number !== undefined);
  const last = numbers.at(-1);
  if (last === undefined) return [];
  const deny = `${label} deny`;
  const next = `${label} next`;
  return [
    ...numbers.slice(0, -1).map((value): Step => ({ kind: 'equal', value, yes: deny, no: undefined })),
    { kind: 'equal', value: last, yes: undefined, no: next },
    { kind: 'label', name: deny },
    ...(rule.when ?? []).flatMap((test, index) => argumentSteps(test, `${label} back`, `${label} ${index}`)),
    { kind: 'return', value: ERRNO | ERRNOS[rule.answer] },
    // An argument was loaded: the rules that follow look at the number again.
    ...(rule.when === undefined
      ? []
      : ([
          { kind: 'label', name: `${label} back` },
          { kind: 'load', offset: NUMBER_OFFSET },
        ] as const)),
    { kind: 'label', name: next },
  ];
}

/** Goes on where the test holds, to `otherwise` where it does not. */
function argumentSteps(test: ArgumentTest, otherwise: string, label: string): Step[] {
  const load: Step = { kind: 'load', offset: argumentOffset(test.argument) };
  if ('equals' in test) return [load, { kind: 'equal', value: test.equals, yes: undefined, no: otherwise }];
  if ('hasAnyBit' in test)
    return [load, { kind: 'anyBit', value: test.hasAnyBit, yes: undefined, no: otherwise }];
  return [
    load,
    ...test.isNoneOf.map((value): Step => ({ kind: 'equal', value, yes: otherwise, no: undefined })),
    { kind: 'label', name: label },
  ];
}
