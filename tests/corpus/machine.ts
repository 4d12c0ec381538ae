import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Difference } from '../differential/difference.ts';
import { aptLayerMust } from '../support/program.ts';

/** What a machine has: its image, and everything of its /etc and /var. */
export interface Machine {
  readonly image: string;
  /** By path in the machine, what it is and holds. */
  readonly entries: ReadonlyMap<string, string>;
}

/** What an administrator has on the machine, in each directory that is theirs. */
const OWN: Readonly<Record<string, string>> = {
  '/etc/bash.bashrc': 'edited by the administrator',
  '/etc/own/own.conf': 'own',
  '/var/lib/own/data': 'own',
  '/var/opt/own/tool': 'own',
  '/var/roothome/.own': 'own',
  '/var/srv/own': 'own',
  '/var/usrlocal/bin/own': 'own',
  '/var/home/own/file': 'own',
};

/** Gives the machine files of its own. */
export async function makeOwn(sysroot: string): Promise<void> {
  const { id, osname } = await next(sysroot);
  for (const [name, text] of Object.entries(OWN)) {
    const file = onDisk({ sysroot, id, osname }, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

function onDisk(
  { sysroot, id, osname }: { sysroot: string; id: string; osname: string },
  name: string,
): string {
  return name.startsWith('/etc/')
    ? `${sysroot}/state/deploy/${id}${name}`
    : `${sysroot}/state/os/${osname}${name}`;
}

export async function machineOf(sysroot: string): Promise<Machine> {
  const { id, osname, checksum } = await next(sysroot);
  const entries = new Map<string, string>();
  collect(`${sysroot}/state/deploy/${id}/etc`, '/etc', entries);
  collect(`${sysroot}/state/os/${osname}/var`, '/var', entries);
  return { image: checksum, entries };
}

async function next(sysroot: string): Promise<{ id: string; osname: string; checksum: string }> {
  const status = (await aptLayerMust(sysroot, ['status', '--json'])).json();
  const [first] = (status as { deployments: { id: string; osname: string; checksum: string }[] }).deployments;
  if (first === undefined) throw new Error('nothing is deployed');
  return first;
}

function collect(directory: string, shown: string, into: Map<string, string>): void {
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const [file, name] = [path.join(directory, entry.name), `${shown}/${entry.name}`];
    const { mode, uid, gid } = fs.lstatSync(file);
    const holds = entry.isSymbolicLink()
      ? fs.readlinkSync(file)
      : entry.isFile()
        ? createHash('sha256').update(fs.readFileSync(file)).digest('hex').slice(0, 12)
        : '';
    into.set(name, `${mode.toString(8)} ${uid}:${gid} ${holds}`.trimEnd());
    if (entry.isDirectory()) collect(file, name, into);
  }
}

/** What is not as it was once a package is gone again. */
export function changesOf(before: Machine, after: Machine): Difference[] {
  const found: Difference[] = [];
  const say = (kind: 'missing' | 'extra' | 'content', name: string, detail: string) =>
    found.push({ class: kind, path: `unlayered ${name}`, detail });
  if (before.image !== after.image) say('content', '/', `image ${before.image} -> ${after.image}`);
  for (const [name, was] of before.entries) {
    const is = after.entries.get(name);
    if (is === undefined) say('missing', name, `missing: ${was}`);
    else if (is !== was) say('content', name, `${was} -> ${is}`);
  }
  for (const [name, is] of after.entries)
    if (!before.entries.has(name)) say('extra', name, `left behind: ${is}`);
  return found;
}

/** Own files that a step changed. */
export function ownChanged(before: Machine, after: Machine): Difference[] {
  return Object.keys(OWN)
    .filter(name => before.entries.get(name) !== after.entries.get(name))
    .map(name => ({
      class: 'content',
      path: `machine ${name}`,
      detail: `${before.entries.get(name)} -> ${after.entries.get(name) ?? 'nothing'}`,
    }));
}

/** Files of the machine that are not as the plain root of its image has them, though nobody changed them. */
export function notOf(root: string, machine: Machine): Difference[] {
  const entries = new Map<string, string>();
  for (const top of ['/etc', '/var']) collect(`${root}${top}`, top, entries);
  return [...machine.entries].flatMap(([name, is]): Difference[] => {
    const image = entries.get(name);
    if (image === undefined || image === is || Object.hasOwn(OWN, name)) return [];
    // A link into the image is the image's own.
    if (is.includes('/usr/lib/sysimage/')) return [];
    return [{ class: 'content', path: `machine ${name}`, detail: `image ${image}, machine ${is}` }];
  });
}
