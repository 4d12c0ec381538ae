import { type RefreshResult, refreshSources } from '../compose/index.ts';
import { metadataOptions } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import { formatDuration, formatSize, table } from './text/index.ts';

interface Result extends RefreshResult {
  readonly dryRun: boolean;
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const { dryRun, waitSeconds } = app.globals;
    const options = {
      verb: 'refresh-md',
      commandLine: app.commandLine,
      waitSeconds,
      dryRun,
      metadata: metadataOptions(app, args.flag('force')),
    };
    return { ...(await refreshSources(app, options)), dryRun };
  },
  toJson: ({ dryRun, refreshed, ageSeconds, sources }) => ({
    schema: 1,
    dryRun,
    refreshed,
    ageSeconds,
    sources,
  }),
  render({ refreshed, ageSeconds, sources }, style) {
    const rows = sources.map(({ uri, suite, label, state, bytes }) => [
      uri,
      suite,
      label,
      state,
      bytes > 0 ? formatSize(bytes) : '',
    ]);
    const columns = [
      { title: 'SOURCE', shrinks: true },
      { title: 'SUITE' },
      { title: 'LABEL' },
      { title: 'STATE' },
      { title: 'FETCHED', align: 'right' as const },
    ];
    return `${table(columns, rows, style)}${refreshed ? '' : `${ageLine(ageSeconds)}\n`}`;
  },
};

function ageLine(ageSeconds: number | null): string {
  return ageSeconds === null
    ? 'There are no package lists yet.'
    : `The package lists were fetched ${formatDuration(ageSeconds * 1000)} ago; \`refresh-md --force\` fetches them anyway.`;
}
