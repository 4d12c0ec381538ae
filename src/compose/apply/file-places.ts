import { volatileAction } from '../../apt/index.ts';
import { reachesMachines } from '../../deployment/index.ts';
import { fromText } from '../../formats/bytes/index.ts';
import { OWNED, type Owned } from '../../layer/index.ts';
import type { SpecFile } from '../spec/index.ts';

/** Why a file of a spec is not on every machine as the spec has it. */
export interface PlaceProblem {
  readonly rule: 'file-in-var' | 'file-dropped';
  readonly message: string;
  readonly hint: string;
}

const MACHINES = /^\/(?:var|home|root)\//;

/**
 * What is the machine's gets a file once, and an image has no files that are made anew at each boot. A directory for the machine to fill is
 * meant so. Below /opt, /srv and /usr/local files go with the image.
 */
export function placeProblem({ path, kind }: SpecFile): PlaceProblem | undefined {
  const bytes = fromText(path);
  const action = volatileAction(bytes);
  const isDirectory = kind === 'directory';
  const isDropped = action === 'remove' || (action !== undefined && !isDirectory);
  if (isDropped || (!isDirectory && !reachesMachines(bytes, kind === 'link')))
    return {
      rule: 'file-dropped',
      message: `${path} does not reach a machine: images have nothing there`,
      hint: 'have systemd-tmpfiles(8) make it at boot, by a file in /usr/lib/tmpfiles.d',
    };
  if (isDirectory || !MACHINES.test(path) || OWNED.some(one => isOwned(one, path))) return undefined;
  return {
    rule: 'file-in-var',
    message: `${path} is copied to a machine that has nothing there, and never changed afterwards`,
    hint: 'put what is to change with the image below /usr, /etc, /opt or /srv',
  };
}

function isOwned({ from, to, which }: Owned, path: string): boolean {
  return which === 'all' && [from, to].some(directory => path.startsWith(`${directory}/`));
}
