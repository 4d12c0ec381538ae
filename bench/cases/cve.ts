import { mkdirSync, writeFileSync } from 'node:fs';
import { configuredCommand } from '../../tests/support/configured.ts';
import { madeCase } from '../../tests/support/vulnerability-cases.ts';
import { absolute, type BenchCase } from '../case.ts';
import { must } from '../measure.ts';
import { measurePeaks } from '../peak.ts';

/** The tracker knows of so many vulnerabilities, in six releases. */
const ENTRIES = 40_000;

/** What is known of a system with the packages of a desktop: with the data at hand, and by data that is read from its file. */
export const cve: BenchCase = {
  name: 'cve',
  async run(directory, runs) {
    const made = madeCase(1300);
    const root = `${directory}/root`;
    mkdirSync(`${root}/usr/lib`, { recursive: true });
    mkdirSync(`${root}/var/lib/dpkg`, { recursive: true });
    writeFileSync(`${root}/usr/lib/os-release`, 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n');
    writeFileSync(`${root}/var/lib/dpkg/status`, made.status);
    const file = `${process.cwd()}/${directory}/tracker.json`;
    writeFileSync(file, filled(made.tracker));
    const program = [process.execPath, 'bin/apt-layer', '--sysroot', `${directory}/sysroot`];
    must([...program, 'image', 'import', root, '--ref', 'made']);
    const cached = configuredCommand(`vulnerability-data: ${file}\n`, [...program, 'cve', 'local://made']);
    must([...cached]);
    const [index, whole] = await measurePeaks(
      [{ command: () => cached }, { command: () => [...program, 'cve', 'local://made', '--data', file] }],
      runs,
    );
    if (index === undefined || whole === undefined) throw new Error('two subjects have two results');
    return [
      absolute({ what: 'cve of 1,300 packages', oursMs: index.medianMs, limit: 1500, runs }),
      {
        ...absolute({ what: 'cve by a file of the tracker', oursMs: whole.medianMs, limit: 5000, runs }),
        peakMegabytes: whole.peakMegabytes,
      },
    ];
  },
};

/** With what is known of packages that the system does not have, and texts as long as those of the tracker. */
function filled(tracker: string): string {
  const releases = ['bullseye', 'bookworm', 'trixie', 'forky', 'sid'];
  const entry = (index: number) => ({
    description: 'In something that the system does not have, the following was resolved. '.repeat(8),
    scope: 'remote',
    releases: Object.fromEntries(
      releases.map(release => [
        release,
        {
          ...{ status: 'resolved', repositories: { [release]: '2.0-1', [`${release}-security`]: '2.0-1' } },
          ...{ fixed_version: `1.${index % 90}-1`, urgency: 'not yet assigned' },
        },
      ]),
    ),
  });
  const others = Array.from({ length: ENTRIES / 20 }, (_, source) => [
    `other${source}`,
    Object.fromEntries(
      Array.from({ length: 20 }, (__, index) => [`CVE-2024-${source * 20 + index}`, entry(index)]),
    ),
  ]);
  return JSON.stringify({ ...Object.fromEntries(others), ...(JSON.parse(tracker) as object) });
}
