import { type ByteString, fromText, toText } from '../../formats/bytes/index.ts';
import { lookup } from '../../formats/tree/index.ts';
import { type AssemblyPackage, type BuildContext, IMAGE_STATE, OWNED } from '../../layer/index.ts';
import { lastingWarning, warn } from '../../report/index.ts';

/** Below these, what packages ship goes with the image. */
const IMAGES: readonly string[] = [...IMAGE_STATE.map(one => one.from), ...OWNED.map(one => one.to)];

/** Says which packages have files among the data of machines: dpkg would replace them with each version, and a machine keeps its first. */
export function warnOfVarFiles(context: BuildContext, packages: readonly AssemblyPackage[]): void {
  const all = packages.flatMap(({ name, architecture, image }) => {
    const paths = image.entries
      .map(one => one.path)
      .filter(path => isKept(path) && lookup(image.data, path)?.kind === 'file');
    const [first] = paths;
    if (first === undefined) return [];
    const more = paths.length === 1 ? '' : ` and ${paths.length - 1} more`;
    const text = `${name} has files among a machine's data (${toText(first)}${more}): a machine keeps those of the version that it had first`;
    return [lastingWarning(['files in /var', `${name}:${architecture}`], text)];
  });
  warn(context.host.report, context.warnings, { all });
}

function isKept(path: ByteString): boolean {
  return (
    path.startsWith(fromText('/var/')) &&
    !IMAGES.some(directory => path === directory || path.startsWith(`${directory}/`))
  );
}
