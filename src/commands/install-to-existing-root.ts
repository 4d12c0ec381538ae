import {
  type Converted,
  installToExistingRoot,
  planToExistingRoot,
  type ToExistingRootPlan,
  undoExistingRoot,
} from '../install/index.ts';
import { changeOptions } from './change-result.ts';
import type { CommandImplementation } from './definition.ts';

interface Result {
  readonly sysroot: string;
  readonly bootloader: string;
  readonly spec: string;
  /** Packages that no archive has. */
  readonly repacked: readonly string[];
  readonly shared: readonly string[];
  /** Null with --dry-run. */
  readonly converted: Converted | null;
}

type Outcome =
  | { readonly kind: 'converted'; readonly result: Result }
  | { readonly kind: 'undone'; readonly sysroot: string; readonly undone: boolean };

const VERB = 'install to-existing-root';

export const command: CommandImplementation<Outcome> = {
  async run(app, args) {
    const { host, sysroot } = app;
    const { dryRun } = app.globals;
    if (args.flag('undo')) {
      const { commandLine } = app;
      const options = { verb: `${VERB} --undo`, commandLine, waitSeconds: app.globals.waitSeconds, dryRun };
      return { kind: 'undone', sysroot, undone: await undoExistingRoot(app, options) };
    }
    const plan = await planToExistingRoot(host, {
      sysroot,
      kernelArguments: args.optionList('karg'),
      without: args.optionList('without'),
    });
    const converted = dryRun ? null : await installToExistingRoot(host, plan, changeOptions(app, args, VERB));
    return { kind: 'converted', result: resultOf(plan, converted) };
  },
  render: outcome => (outcome.kind === 'undone' ? renderUndone(outcome) : renderConverted(outcome.result)),
  toJson: outcome =>
    outcome.kind === 'undone' ? { sysroot: outcome.sysroot, undone: outcome.undone } : outcome.result,
};

function resultOf(plan: ToExistingRootPlan, converted: Converted | null): Result {
  const { sysroot, boot, spec, shared } = plan;
  return {
    ...{ sysroot, bootloader: boot.loader, spec: spec.text, shared, converted },
    repacked: [...spec.repacked.keys()],
  };
}

function renderConverted({ spec, shared, repacked, bootloader, converted }: Result): string {
  const lines = [
    ...(shared.length === 0 ? [] : [`Used by both systems where they are: ${shared.join(', ')}`]),
    ...(repacked.length === 0
      ? []
      : [`In no archive, packed from what is installed: ${repacked.join(', ')}`]),
  ];
  if (converted === null) return `${spec}\n${[...lines, 'Nothing was changed (--dry-run).', ''].join('\n')}`;
  return [
    ...lines,
    ...converted.droppedMounts.map(line => `Not mounted any more: ${line}`),
    `New deployment: ${converted.deployment}`,
    `The next boot takes it (${bootloader}); the system that is here now stays in the menu, and is what comes up when the deployment does not.`,
    'Restart now: systemctl reboot. To go back: choose the old entry in the menu, then `apt-layer install to-existing-root --undo`.',
    '',
  ].join('\n');
}

function renderUndone({ sysroot, undone }: { sysroot: string; undone: boolean }): string {
  return undone
    ? `The boot loader does not start deployments any more. They are still there: rm -r ${sysroot} frees their space.\n`
    : `No boot loader starts a deployment of ${sysroot}: there is nothing to undo.\n`;
}
