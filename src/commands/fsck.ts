import { checkSysroot } from '../deployment/index.ts';
import { ERROR_CODES } from '../errors/index.ts';
import type { FsckResult } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { formatCount, formatSize } from './text/index.ts';

export const command: CommandImplementation<FsckResult> = {
  run(app) {
    return checkSysroot(app);
  },
  render(result, style) {
    const lines = result.findings.map(({ text, usedBy }) => {
      const users = usedBy.length === 0 ? 'nothing needs it' : `needed by ${usedBy.join(', ')}`;
      return `${style.red('damaged')}  ${text} (${users})`;
    });
    const { objects, images, bytes, findings } = result;
    lines.push(
      `${formatCount(objects, 'object')} (${formatSize(bytes)}) in ${formatCount(images, 'image')}: ${findings.length === 0 ? 'all is well' : formatCount(findings.length, 'finding')}`,
    );
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ findings }) => (findings.length === 0 ? 0 : ERROR_CODES.INTEGRITY.exit),
};
