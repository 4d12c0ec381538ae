import { type Deployment, listDeployments, selectAmong, storePath } from '../deployment/index.ts';
import { AptLayerError } from '../errors/index.ts';
import { namePattern } from '../formats/name-pattern/index.ts';
import { openStore } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { currentSide, type OpenStore, type Side, sideOf } from './diff-sides.ts';
import { packagesOfSide } from './side-packages.ts';
import { table } from './text/index.ts';

interface Result extends Side {
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly architecture: string;
    readonly installedBytes: number;
    readonly source: string;
    readonly summary: string;
  }[];
}

export const command: CommandImplementation<Result> = {
  async run(app, args) {
    const deployments = listDeployments(app);
    const words = args.argumentList('ID-OR-PATTERN');
    const store = () => openStore(app.host, storePath(app.sysroot));
    const { side, patterns } = sideAndPatterns(store, deployments, words);
    const matches = namePattern(patterns);
    const packages = [...packagesOfSide({ ...app, deployments }, store, side).values()]
      .filter(one => matches(one.name))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .map(({ name, version, architecture, installedBytes, source, summary }) => ({
        name,
        version,
        architecture,
        installedBytes,
        source,
        summary,
      }));
    if (packages.length === 0 && patterns.length > 0) throw nothingMatches(side, patterns);
    return { ...side, packages };
  },
  toJson: ({ id, image, packages }) => ({ schema: 1, id, image, packages }),
  render: ({ packages }, style) =>
    table(
      [{ title: 'NAME' }, { title: 'VERSION' }, { title: 'ARCH' }],
      packages.map(({ name, version, architecture }) => [name, version, architecture]),
      style,
    ),
};

/** The first word is a deployment when it names one; otherwise all words are patterns. */
function sideAndPatterns(
  store: OpenStore,
  deployments: readonly Deployment[],
  words: readonly string[],
): { side: Side; patterns: readonly string[] } {
  const [first, ...rest] = words;
  if (first !== undefined && isSide(deployments, first))
    return { side: sideOf(store, deployments, first), patterns: rest };
  return { side: currentSide(deployments), patterns: words };
}

/** Words that can be nothing else count even where there is no such deployment, so that the error says so. */
function isSide(deployments: readonly Deployment[], word: string): boolean {
  if (/^(?:booted|staged|pending|rollback|\d{1,4}|local:\/\/.*)$/.test(word)) return true;
  if (/[*?]/.test(word)) return false;
  try {
    selectAmong(deployments, word);
    return true;
  } catch (error) {
    if (error instanceof AptLayerError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

function nothingMatches({ id, image }: Side, patterns: readonly string[]): AptLayerError {
  return new AptLayerError('NOT_FOUND', `no package of ${id ?? image} matches ${patterns.join(' ')}`, {
    hint: 'a pattern stands for the whole name, such as "vim*"; a deployment is named as in `apt-layer status`',
  });
}

function keyOf({ name, architecture }: { name: string; architecture: string }): string {
  return `${name}:${architecture}`;
}
