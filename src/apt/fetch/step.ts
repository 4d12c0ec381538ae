import { type Reporter, step } from '../../report/index.ts';

/** The step `fetch` over archives of these sizes, whoever fetches them. */
export function fetchStep(
  report: Reporter,
  archives: readonly { readonly size: number }[],
  action: () => Promise<void>,
): Promise<void> {
  const total = archives.reduce((sum, archive) => sum + archive.size, 0);
  return step(
    report,
    'fetch',
    `Fetching ${archives.length} packages (${(total / 1e6).toFixed(1)} MB)`,
    action,
  );
}
