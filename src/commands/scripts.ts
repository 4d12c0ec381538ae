import { analyseScripts, type ScriptsResult } from '../compose/index.ts';
import { changeOptions } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';

/** What text leaves out: harmless commands. JSON has them. */
const SHOWN = ['handled', 'warning', 'fatal'];

export const command: CommandImplementation<ScriptsResult> = {
  run(app, args) {
    return analyseScripts(app, {
      ...changeOptions(app, args, 'scripts'),
      requests: args.argumentList('PACKAGE'),
      all: args.flag('all'),
    });
  },
  render({ packages }, style) {
    const lines = packages.flatMap(one => {
      const mark = { safe: style.green, handled: style.green, warning: style.yellow, fatal: style.red }[
        one.severity
      ];
      const findings = one.scripts.flatMap(script =>
        script.findings
          .filter(finding => SHOWN.includes(finding.severity))
          .map(
            ({ script: name, line, command: words, severity, reason, live }) =>
              `  ${severity}${live ? '' : ' (not reached)'}: ${name}:${line}: ${words}: ${reason}`,
          ),
      );
      return [`${style.bold(one.package)} ${one.version}: ${mark(one.severity)}`, ...findings];
    });
    return `${lines.join('\n')}\n`;
  },
};
