/** Where a jump goes: a label, or on to the next instruction. */
type Target = string | undefined;

/** One step of a classic BPF program (linux/filter.h), with labels in place of distances. */
export type Step =
  | { readonly kind: 'label'; readonly name: string }
  /** Loads the 32 bits at this offset of what is judged. */
  | { readonly kind: 'load'; readonly offset: number }
  | { readonly kind: 'jump'; readonly to: string }
  | {
      readonly kind: 'equal' | 'greater' | 'anyBit';
      readonly value: number;
      readonly yes: Target;
      readonly no: Target;
    }
  | { readonly kind: 'return'; readonly value: number };

const LOAD_WORD = 0x20;
const JUMP = 0x05;
const RETURN = 0x06;
const COMPARE = { equal: 0x15, greater: 0x25, anyBit: 0x45 } as const;
const INSTRUCTION_BYTES = 8;
const MAX_DISTANCE = 255;

/** The program as the kernel takes it: struct sock_filter each, little-endian. Throws for a label that is out of reach. */
export function assemble(steps: readonly Step[]): Buffer {
  const places = new Map<string, number>();
  let count = 0;
  for (const step of steps)
    if (step.kind === 'label') places.set(step.name, count);
    else count += 1;
  const program = Buffer.alloc(count * INSTRUCTION_BYTES);
  let at = 0;
  const distance = (target: Target, most: number) => {
    if (target === undefined) return 0;
    const place = places.get(target);
    const found = place === undefined ? -1 : place - at - 1;
    if (found < 0 || found > most) throw new Error(`a jump to ${target} is not possible`);
    return found;
  };
  for (const step of steps) {
    if (step.kind === 'label') continue;
    const { code, yes = 0, no = 0, value } = encode(step, distance);
    program.writeUInt16LE(code, at * INSTRUCTION_BYTES);
    program.writeUInt8(yes, at * INSTRUCTION_BYTES + 2);
    program.writeUInt8(no, at * INSTRUCTION_BYTES + 3);
    program.writeUInt32LE(value >>> 0, at * INSTRUCTION_BYTES + 4);
    at += 1;
  }
  return program;
}

interface Encoded {
  readonly code: number;
  readonly yes?: number;
  readonly no?: number;
  readonly value: number;
}

function encode(
  step: Exclude<Step, { kind: 'label' }>,
  distance: (target: Target, most: number) => number,
): Encoded {
  switch (step.kind) {
    case 'load':
      return { code: LOAD_WORD, value: step.offset };
    case 'jump':
      return { code: JUMP, value: distance(step.to, 0xffffffff) };
    case 'return':
      return { code: RETURN, value: step.value };
    default: {
      const yes = distance(step.yes, MAX_DISTANCE);
      return { code: COMPARE[step.kind], yes, no: distance(step.no, MAX_DISTANCE), value: step.value };
    }
  }
}
