import type { App } from '../app/index.ts';
import {
  automaticUpdates,
  previewUpgrade,
  type SpecEdit,
  type UpgradeOptions,
  upgradeSystem,
} from '../compose/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { effectOf, takeEffect } from './after-change.ts';
import type { ParsedArgs } from './args.ts';
import { forcedPolicy, metadataOptions, outcomeJson, renderOutcome } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';
import type { TextStyle } from './text/index.ts';
import { keptLines, type PreviewOutcome, previewJson, renderPreview } from './upgrade-result.ts';

type Upgraded = Awaited<ReturnType<typeof upgradeSystem>>;
type Result = (
  | { readonly kind: 'done'; readonly done: Upgraded }
  | { readonly kind: 'preview'; readonly preview: PreviewOutcome }
  /** Automatic updates are off. */
  | { readonly kind: 'off' }
) & { readonly unchangedExitCode: number };

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    if (args.flag('check') && args.flag('preview'))
      throw new AptLayerError('USAGE', '--check and --preview contradict each other');
    const unchangedExitCode = args.flag('unchanged-exit-77') ? 77 : 0;
    const automatic = args.flag('automatic') ? automaticUpdates(app.host) : undefined;
    if (automatic === 'off') return { kind: 'off', unchangedExitCode };
    const isPreview =
      args.flag('check') || args.flag('preview') || app.globals.dryRun || automatic === 'check';
    const options = upgradeOptions(app, args, isPreview ? 'upgrade --preview' : 'upgrade');
    if (!isPreview) {
      const asked = effectOf(app, args);
      const effect = { ...asked, reboot: asked.reboot || automatic === 'apply' };
      const done = await upgradeSystem(app, options);
      await takeEffect(app, effect, done.deployment !== null);
      return { kind: 'done', done, unchangedExitCode };
    }
    const preview = await previewUpgrade(app, options);
    return { kind: 'preview', preview: { ...preview, brief: args.flag('check') }, unchangedExitCode };
  },
  render(result, style) {
    if (result.kind === 'off') return 'Automatic updates are off.\n';
    return result.kind === 'preview' ? renderPreview(result.preview, style) : renderDone(result.done, style);
  },
  toJson(result) {
    if (result.kind === 'off') return { automatic: 'off', changed: false };
    return result.kind === 'preview'
      ? previewJson(result.preview)
      : outcomeJson({ ...result.done, unchangedExitCode: 0 });
  },
  exitCode(result) {
    if (result.kind === 'off') return result.unchangedExitCode;
    const isNew = result.kind === 'preview' ? result.preview.available : result.done.changed;
    return isNew ? 0 : result.unchangedExitCode;
  },
};

function upgradeOptions(app: App, args: ParsedArgs, verb: string): UpgradeOptions {
  const [added, dropped] = [args.optionList('install'), args.optionList('uninstall')];
  const edits: SpecEdit[] = [
    ...(dropped.length > 0 ? [{ kind: 'remove-layers' as const, requests: dropped }] : []),
    ...(added.length > 0 ? [{ kind: 'add-layers' as const, requests: added }] : []),
    ...(added.length > 0 ? [{ kind: 'resolve-paths' as const, baseDirectory: process.cwd() }] : []),
  ];
  // Lists of an hour ago do not say what is new.
  const metadata = metadataOptions(app, true);
  return {
    verb,
    commandLine: app.commandLine,
    waitSeconds: app.globals.waitSeconds,
    metadata,
    edits,
    skipBlocked: args.flag('skip-blocked'),
    fresh: args.flag('fresh'),
    noCache: args.flag('no-cache'),
    renumberAccounts: args.flag('renumber-accounts'),
    ...forcedPolicy(args),
  };
}

function renderDone(done: Upgraded, style: TextStyle): string {
  const text = renderOutcome({ ...done, unchangedExitCode: 0 }, style);
  return [...keptLines(done, style), text].join('\n');
}
