import { listOverrides, type OverrideState } from '../compose/index.ts';
import { changeOptions } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import { formatCount } from './text/index.ts';

interface Result {
  readonly overrides: readonly (OverrideState & { readonly ageSeconds: number })[];
}

const DAY_SECONDS = 86_400;

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const now = app.host.clock().getTime() / 1000;
    const overrides = await listOverrides(app, changeOptions(app, args, 'override list'));
    return {
      overrides: overrides.map(one => ({
        ...one,
        ageSeconds: Math.max(0, Math.floor(now - one.sinceSeconds)),
      })),
    };
  },
  render({ overrides }, style) {
    if (overrides.length === 0) return 'Nothing is overridden.\n';
    const lines = overrides.map(one => {
      const what = one.kind === 'remove' ? 'removed' : `${one.version ?? '?'} from ${one.with.join(', ')}`;
      const passed = one.passedBy === null ? '' : style.yellow(`; the archive has ${one.passedBy} by now`);
      return `${style.bold(one.package)}: ${what}, for ${formatCount(Math.floor(one.ageSeconds / DAY_SECONDS), 'day')}${passed}`;
    });
    return `${lines.join('\n')}\n`;
  },
};
