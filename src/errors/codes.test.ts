import { expect, it } from 'vitest';
import { ERROR_CODES } from './codes.ts';

it('docs/errors.md lists every code (write it anew with `vitest run -u src/errors`)', async () => {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { exit, meaning }]) => `| ${exit} | \`${code}\` | ${meaning} |`,
  );
  const text = `# Exit codes and error codes

0 is success, 128+N the end by signal N. With \`--json\` an error is \`{"error": {"code", "message", "hint", ...}}\`.

| exit | code | meaning |
|---|---|---|
${rows.join('\n')}
`;
  await expect(text).toMatchFileSnapshot('../../docs/errors.md');
});
