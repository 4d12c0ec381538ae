import { AptLayerError } from '../../errors/index.ts';

/** GRUB changes the file in place, so it always has this size (grub-editenv(1)). */
const SIZE_BYTES = 1024;
const HEADER = '# GRUB Environment Block\n';

/** The variables of an environment block. What is no assignment is skipped. */
export function parseEnvironmentBlock(data: Buffer): Map<string, string> {
  const variables = new Map<string, string>();
  const text = data.subarray(0, SIZE_BYTES).toString('latin1');
  if (!text.startsWith(HEADER)) return variables;
  for (const line of text.slice(HEADER.length).split('\n')) {
    const match = /^([a-z_0-9]+)=([\x20-\x7e]*)$/.exec(line);
    if (match !== null) variables.set(match[1] ?? '', match[2] ?? '');
  }
  return variables;
}

/** The block with these variables, whose values must be plain words. */
export function serializeEnvironmentBlock(variables: ReadonlyMap<string, string>): Buffer {
  const lines = [...variables].map(([name, value]) => `${name}=${value}\n`).join('');
  const text = HEADER + lines;
  if (text.length > SIZE_BYTES || /[^\x20-\x7e\n]/.test(text))
    throw new AptLayerError('FAILED', `the environment of GRUB has no room for ${JSON.stringify(lines)}`);
  return Buffer.from(text.padEnd(SIZE_BYTES, '#'), 'latin1');
}
