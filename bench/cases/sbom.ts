import { mkdirSync, writeFileSync } from 'node:fs';
import { madeCase } from '../../tests/support/vulnerability-cases.ts';
import { absolute, type BenchCase } from '../case.ts';
import { must } from '../measure.ts';
import { measurePeaks } from '../peak.ts';

/** A desktop has so many files for each package. */
const FILES = 100;

/** What is in an image with the packages and files of a desktop, from its records and copyright files. */
export const sbom: BenchCase = {
  name: 'sbom',
  async run(directory, runs) {
    const root = `${directory}/root`;
    const { status } = madeCase(1300);
    mkdirSync(`${root}/usr/lib`, { recursive: true });
    mkdirSync(`${root}/var/lib/dpkg`, { recursive: true });
    writeFileSync(`${root}/usr/lib/os-release`, 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n');
    writeFileSync(`${root}/var/lib/dpkg/status`, status);
    for (const [, name = ''] of status.matchAll(/^Package: (.*)$/gm)) {
      const documents = `${root}/usr/share/doc/${name}`;
      mkdirSync(documents, { recursive: true });
      writeFileSync(`${documents}/copyright`, copyrightOf(name));
      for (let file = 1; file < FILES; file++) writeFileSync(`${documents}/${file}`, `${file}`);
    }
    const program = [process.execPath, 'bin/apt-layer', '--sysroot', `${directory}/sysroot`];
    must([...program, 'image', 'import', root, '--ref', 'made']);
    const formats = ['spdx', 'cyclonedx'];
    const times = await measurePeaks(
      formats.map(format => ({ command: () => [...program, 'sbom', 'local://made', '--format', format] })),
      runs,
    );
    return times.map(({ medianMs, peakMegabytes }, index) => ({
      ...absolute({
        what: `sbom of 1,300 packages, ${formats[index] ?? ''}`,
        oursMs: medianMs,
        limit: 2000,
        runs,
      }),
      peakMegabytes,
    }));
  },
};

/** As long as they are on average, with one licence that no other package has. */
function copyrightOf(name: string): string {
  const licences = ['GPL-2+', 'Expat', 'BSD-3-clause', 'GPL-3+ or Artistic', `${name}-licence`];
  const files = licences.map(
    (licence, index) => `Files: part${index}/*\nCopyright: 20${10 + index} Somebody\nLicense: ${licence}\n`,
  );
  const texts = licences.map(
    licence => `License: ${licence}\n${' This may be used as it says.\n'.repeat(40)}`,
  );
  const format = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n';
  return [format, ...files, ...texts].join('\n');
}
