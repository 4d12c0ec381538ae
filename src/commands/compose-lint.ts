import { type LintFinding, lintFile } from '../compose/index.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly file: string;
  readonly findings: readonly LintFinding[];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const file = args.argument('FILE');
    return { file, findings: lintFile(app, file) };
  },
  render: ({ file, findings }, style) =>
    findings.length === 0
      ? `${file}: nothing to say\n`
      : findings
          .map(({ path, message, hint }) => {
            const where = path === '' ? file : `${file}: ${path}`;
            return `${style.yellow(where)}: ${message}\n  ${style.dim(hint)}\n`;
          })
          .join(''),
  exitCode: ({ findings }) => (findings.length === 0 ? 0 : 1),
};
