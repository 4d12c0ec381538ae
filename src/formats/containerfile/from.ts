/** Far more than any file has. */
const STAGES_MAX = 1000;

/**
 * The images of the FROM lines of a Containerfile, without `scratch` and the stages of the file itself. `values` are the arguments of the build; those that
 * the file gives before its first FROM have its defaults. What cannot be told, such as an argument without a value, is left out: the engine decides.
 */
export function fromImages(text: string, values: Readonly<Record<string, string>>): string[] {
  const known = new Map<string, string>();
  const stages = new Set<string>();
  const found = new Set<string>();
  let isFirst = true;
  for (const line of logicalLines(text)) {
    const [, instruction = '', rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/s.exec(line) ?? [];
    if (instruction.toUpperCase() === 'ARG' && isFirst) {
      const [, name = '', value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?$/s.exec(rest.trim()) ?? [];
      if (name !== '') known.set(name, values[name] ?? unquoted(value));
    }
    if (instruction.toUpperCase() !== 'FROM') continue;
    isFirst = false;
    const words = rest.split(/\s+/).filter(word => word !== '' && !word.startsWith('--'));
    const image = filledIn(words[0] ?? '', known);
    if (image !== undefined && image !== 'scratch' && !stages.has(image.toLowerCase())) found.add(image);
    if (words[1]?.toUpperCase() === 'AS' && words[2] !== undefined) stages.add(words[2].toLowerCase());
    if (found.size > STAGES_MAX) break;
  }
  return [...found];
}

/** Lines with those that a backslash continues; comments are out. */
function logicalLines(text: string): string[] {
  const lines = text.split('\n').filter(line => !/^\s*#/.test(line));
  return lines
    .join('\n')
    .replace(/\\[ \t\r]*\n/g, ' ')
    .split('\n');
}

function filledIn(image: string, known: ReadonlyMap<string, string>): string | undefined {
  let isKnown = image !== '';
  const text = unquoted(image).replace(
    /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))/g,
    (_, braced: string | undefined, otherwise: string | undefined, plain: string | undefined) => {
      const value = known.get(braced ?? plain ?? '') || otherwise;
      if (value === undefined || value === '') isKnown = false;
      return value ?? '';
    },
  );
  return isKnown && !text.includes('$') ? text : undefined;
}

function unquoted(text: string): string {
  return /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;
}

/** Names of what is on this machine, or never changes. */
const STAYS =
  /^localhost\/|@sha256:|^(?:dir|docker-archive|docker-daemon|oci|oci-archive|containers-storage):/;

/** Those of `fromImages` of which a registry may have another one by now. */
export function movingImages(text: string, values: Readonly<Record<string, string>>): string[] {
  return fromImages(text, values).filter(image => !STAYS.test(image));
}
