import { readVulnerabilitySettings, type VulnerabilitySettings } from '../../configuration/index.ts';
import { AptLayerError } from '../../errors/index.ts';
import type { Host } from '../../host/index.ts';
import { log } from '../../report/index.ts';
import { publicAddress, type Sysroot } from '../../transaction/index.ts';
import {
  type Assessment,
  assess,
  type DataSource,
  type KnownVulnerabilities,
  readCached,
  readFiles,
  readKnown,
  refreshData,
  releaseNames,
  wantedOf,
} from '../../vulnerabilities/index.ts';
import type { AssessedSystem } from './system.ts';

/** From where data is to come. */
export interface DataOptions {
  /** Files and directories to use instead of the addresses of the configuration. */
  readonly files: readonly string[];
  /** Ask the addresses even where the copy at hand is recent. */
  readonly refresh: boolean;
  readonly offline: boolean;
}

/** A system with what data says of it. */
export interface Assessed extends Assessment {
  readonly distribution: AssessedSystem['distribution'];
  readonly data: readonly DataSource[];
}

/** A copy that is younger is not asked for again: the tracker's is made anew every few hours. */
const RECENT_MS = 6 * 3600 * 1000;

/**
 * Holds systems against data about vulnerabilities: copies that are not recent are brought up to date first, by root. NOT_FOUND, with the
 * next step, where there is no data of the release of a system: never is nothing said to be found for want of data.
 */
export async function assessSystems(
  at: Sysroot,
  systems: readonly AssessedSystem[],
  options: DataOptions,
): Promise<Assessed[]> {
  const settings = readVulnerabilitySettings(at.host);
  const { files } = options;
  const failure = files.length > 0 ? undefined : await bringUpToDate(at, settings, options);
  const assessed: Assessed[] = [];
  for (const { distribution, packages } of systems) {
    const wanted = wantedOf(distribution, packages);
    const known =
      files.length > 0
        ? await readFiles(at.host, files, wanted)
        : readKnown({ ...at.host, sysroot: at.sysroot }, settings.addresses, wanted);
    assertCovers(known, distribution, { settings, failure, files, isRoot: isRoot() });
    warnOfAge(at.host, known, settings);
    assessed.push({ ...assess(distribution, packages, known), distribution, data: known.data });
  }
  return assessed;
}

/** By the copies at hand alone: undefined where they say nothing of the release. For what shows it beside other things. */
export function assessFromCache(
  at: Sysroot,
  { distribution, packages }: AssessedSystem,
): Assessed | undefined {
  const { addresses } = readVulnerabilitySettings(at.host);
  const known = readKnown({ ...at.host, sysroot: at.sysroot }, addresses, wantedOf(distribution, packages));
  if (!covers(known)) return undefined;
  return { ...assess(distribution, packages, known), distribution, data: known.data };
}

/** What went wrong with the first address whose copy could not be brought up to date; a copy that is there stays in use. */
async function bringUpToDate(
  { host, sysroot }: Sysroot,
  { addresses }: VulnerabilitySettings,
  { refresh, offline }: DataOptions,
): Promise<AptLayerError | undefined> {
  if (refresh && !isRoot())
    throw new AptLayerError('PERMISSION', 'data about vulnerabilities can only be fetched by root', {
      hint: 'run it with sudo, or without --refresh',
    });
  if (!isRoot()) return undefined;
  let failure: AptLayerError | undefined;
  for (const address of addresses) {
    const cached = readCached(host.sys, sysroot, address);
    const ageMs = host.clock().getTime() - (cached?.checkedSeconds ?? 0) * 1000;
    if (cached !== undefined && !refresh && ageMs < RECENT_MS) continue;
    if (offline && !address.startsWith('/')) continue;
    try {
      await refreshData(host, sysroot, address);
    } catch (error) {
      if (!(error instanceof AptLayerError) || error.code === 'INTERRUPTED' || refresh) throw error;
      failure ??= error;
      log(host.report, 'warning', error.message);
    }
  }
  return failure;
}

function covers({ data }: KnownVulnerabilities): boolean {
  return data.some(({ kind, releases }) => kind !== 'advisories' && releases.length > 0);
}

function assertCovers(
  known: KnownVulnerabilities,
  distribution: AssessedSystem['distribution'],
  why: {
    readonly settings: VulnerabilitySettings;
    readonly failure: AptLayerError | undefined;
    readonly files: readonly string[];
    readonly isRoot: boolean;
  },
): void {
  if (covers(known)) return;
  const name = releaseNames(distribution)[0] ?? distribution.id;
  const { settings, failure, files } = why;
  if (failure !== undefined && known.data.length === 0) throw failure;
  const [what, hint] =
    files.length > 0
      ? [`${files.join(' and ')} say nothing of ${name}`, 'name data of that release with --data']
      : settings.addresses.length === 0
        ? ['there is no data about vulnerabilities: `vulnerability-data` is off', HINT_SETTING]
        : known.data.length === 0
          ? [
              'there is no data about vulnerabilities at hand',
              why.isRoot
                ? HINT_OFFLINE
                : '`sudo apt-layer cve --refresh` fetches it; or name a file with --data',
            ]
          : [
              `the data about vulnerabilities says nothing of ${name}: it is from ${settings.addresses.map(publicAddress).join(' and ')}`,
              HINT_SETTING,
            ];
  throw new AptLayerError('NOT_FOUND', what, { hint, details: { release: name } });
}

const HINT_OFFLINE = 'run it without --offline, or name a file with --data';
const HINT_SETTING =
  'set `vulnerability-data` in /etc/apt-layer/apt-layer.conf to data of it, or name a file with --data';

function warnOfAge(
  { report }: Host,
  { data }: KnownVulnerabilities,
  { maxAgeMs }: VulnerabilitySettings,
): void {
  for (const { address, ageSeconds } of data)
    if (ageSeconds * 1000 > maxAgeMs)
      log(
        report,
        'warning',
        `the data about vulnerabilities from ${address} is ${Math.floor(ageSeconds / 86_400)} days old: what is newer is not in it`,
      );
}

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}
