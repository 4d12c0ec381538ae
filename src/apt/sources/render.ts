import type { AptSource, SignedBy } from './source.ts';

/**
 * The text of a .sources file (deb822, sources.list(5)). Fields come in a fixed order, options by name, so equal
 * sources give equal bytes. Throws on a value with a line break: nothing of ours has one, and it would be a new field.
 */
export function renderSources(sources: readonly AptSource[]): string {
  return sources.map(renderSource).join('\n');
}

function renderSource(source: AptSource): string {
  const options = Object.entries(source.options).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    field('Types', source.types),
    field('URIs', source.uris),
    field('Suites', source.suites),
    field('Components', source.components),
    field('Architectures', source.architectures),
    ...options.map(([name, value]) => field(titleCase(name), [value])),
    source.signedBy === undefined ? '' : renderSignedBy(source.signedBy),
  ].join('');
}

function field(name: string, values: readonly string[]): string {
  if (values.length === 0) return '';
  const text = values.join(' ');
  if (/[\r\n\0]/.test(text)) throw new Error(`line break in the ${name} of a source`);
  return `${name}: ${text}\n`;
}

function renderSignedBy(signedBy: SignedBy): string {
  switch (signedBy.kind) {
    case 'file':
      return field('Signed-By', [signedBy.path]);
    case 'other':
      return field('Signed-By', [signedBy.text.replace(/\s+/g, ' ')]);
    case 'key':
      return `Signed-By:\n${signedBy.armored
        .trimEnd()
        .split('\n')
        .map(line => ` ${line === '' ? '.' : line}\n`)
        .join('')}`;
  }
}

/** `check-valid-until` is written Check-Valid-Until. */
function titleCase(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => `${dash}${letter.toUpperCase()}`);
}
