import { type Explanation, explainPackage, explainPolicy } from '../compose/index.ts';
import { describeSignature } from '../formats/image-check/index.ts';
import type { CommandImplementation } from './definition.ts';

/** With what rules of the spec say of it, a line each. */
type Result = Explanation & { readonly policy: readonly string[] };

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const asked = { name: args.argument('PACKAGE'), deployment: args.optionalArgument('DEPLOYMENT') };
    const found = explainPackage(app, asked);
    return { ...found, policy: explainPolicy(app, { name: found.package, deployment: found.deployment }) };
  },
  render(found, style) {
    const { request, isInBase, paths, stage, stages } = found;
    const lines = [`${style.bold(found.package)} ${found.version} (${found.architecture})`];
    if (request !== null) lines.push(`  The spec names it under \`${request}\`.`);
    if (isInBase) lines.push(`  The base image has it${baseText(found)}.`);
    if (stage !== null)
      lines.push(
        `  It came with stage ${stage} of ${stages}, onto what was there. A machine with the same spec that came to it another way may differ until the next \`upgrade\`.`,
      );
    for (const path of paths)
      lines.push(
        `  ${path.map(({ package: name, field, needs }) => (field === null ? name : `${name} --[${field}: ${needs}]-->`)).join(' ')}`,
      );
    if (request === null && !isInBase && paths.length === 0)
      lines.push(
        '  Nothing that the spec names needs it: a .deb of the spec, or one of its scripts, brought it.',
      );
    for (const line of found.policy) lines.push(`  ${style.yellow(line)}`);
    return `${lines.join('\n')}\n`;
  },
};

function baseText({ base }: Explanation): string {
  if (base === null) return '';
  const signatures = base.check?.signatures.map(describeSignature) ?? [];
  return `: ${base.request}${signatures.length === 0 ? '' : `, signed by ${signatures.join(' and ')}`}`;
}
