import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { must } from '../support/command.ts';
import { aptLayerMust } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { type Case, madeCase } from '../support/vulnerability-cases.ts';

interface Found {
  readonly id: string;
  readonly state: string;
  readonly severity: string;
  readonly source: string;
  readonly 'built-in': boolean;
  readonly packages: readonly { readonly name: string }[];
}

/** One answer that only one of the two gives. */
interface Difference {
  readonly id: string;
  readonly name: string;
  /** Ours; undefined where debsecan alone has it. */
  readonly ours: Found | undefined;
  readonly made: Case;
}

/** Every way in which the two may differ, and why. */
const RULES: Readonly<Record<string, (one: Difference) => boolean>> = {
  'debsecan leaves out what is unimportant': ({ ours }) => ours?.severity === 'unimportant',
  'debsecan leaves out what nobody has looked at': ({ ours }) => ours?.state === 'undetermined',
  'debsecan does not look at what is built in': ({ ours }) => ours?.['built-in'] === true,
  'debsecan does not know what was signed': ({ ours, name, made }) =>
    ours?.['built-in'] === false && made.signed.has(name),
  'debsecan leaves out packages that are half installed': ({ ours, name, made }) =>
    ours !== undefined && made.halfInstalled.has(name),
  'debsecan applies the data to packages of others': ({ ours, name, made }) =>
    ours === undefined && made.foreign.has(name),
  'debsecan knows only versions that are in the archive': ({ ours, id, name, made }) =>
    ours === undefined && made.between.has(`${id} ${name}`),
};

it('finds in 1,300 packages what debsecan finds in them, but for what a rule explains', async () => {
  await using directory = temporaryDirectory('debsecan');
  const made = madeCase(1300);
  const at = (name: string) => directory.join(name);
  fs.mkdirSync(at('root/usr/lib'), { recursive: true });
  fs.mkdirSync(at('root/var/lib/dpkg'), { recursive: true });
  fs.writeFileSync(at('root/usr/lib/os-release'), 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n');
  fs.writeFileSync(at('root/var/lib/dpkg/status'), made.status);
  fs.writeFileSync(at('tracker.json'), made.tracker);
  const status = at('root/var/lib/dpkg/status');
  const theirs = await debsecan(made.feed, status);
  await aptLayerMust(at('sysroot'), ['image', 'import', at('root'), '--ref', 'made']);
  const cve = ['cve', 'local://made', '--json', '--data', at('tracker.json')];
  const { findings } = (await aptLayerMust(at('sysroot'), cve)).json() as { findings: readonly Found[] };
  const ours = new Map<string, Found>(
    findings.flatMap(one => one.packages.map(({ name }) => [`${one.id} ${name}`, one] as const)),
  );
  const both = [...theirs].filter(key => ours.has(key));
  expect(both.length).toBeGreaterThan(1000);
  const used = new Set<string>();
  const unexplained = [...new Set([...ours.keys(), ...theirs])]
    .filter(key => ours.has(key) !== theirs.has(key))
    .filter(key => {
      const [id = '', name = ''] = key.split(' ');
      const rule = Object.entries(RULES).find(([, applies]) =>
        applies({ id, name, ours: ours.get(key), made }),
      );
      if (rule !== undefined) used.add(rule[0]);
      return rule === undefined;
    })
    .map(key => `${ours.has(key) ? 'ours' : 'theirs'}: ${key}`);
  expect(unexplained).toEqual([]);
  // A rule that explains nothing is not needed, or the made data does not try it.
  expect([...used].sort()).toEqual(Object.keys(RULES).sort());
});

/** What debsecan says, `CVE PACKAGE`, given its own feed. */
async function debsecan(feed: string, status: string): Promise<Set<string>> {
  const server = http.createServer((request, response) => {
    if (request.url === '/trixie') response.end(deflateSync(feed));
    else response.writeHead(404).end();
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = server.address() as { port: number };
    const options = ['--suite', 'trixie', '--status', status, '--format', 'simple'];
    const said = await must(path.join('/usr/bin', 'debsecan'), [
      ...options,
      ...['--config', '/dev/null', '--whitelist', '/nowhere', '--source', `http://127.0.0.1:${port}/`],
    ]);
    return new Set(said.split('\n').filter(line => line !== ''));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
