import { VERSION } from '../app/index.ts';
import { inventoryOf } from '../compose/index.ts';
import { listDeployments, storePath } from '../deployment/index.ts';
import { cyclonedxDocument, spdxDocument } from '../sbom/index.ts';
import { openStore } from '../store/index.ts';
import type { CommandImplementation } from './definition.ts';
import { currentSide, sideOf } from './diff-sides.ts';

const DOCUMENTS = { spdx: spdxDocument, cyclonedx: cyclonedxDocument } as const;

export const command: CommandImplementation<object> = {
  async run(app, args) {
    const deployments = listDeployments(app);
    const wanted = args.optionalArgument('DEPLOYMENT');
    const { image } =
      wanted === undefined
        ? currentSide(deployments)
        : sideOf(() => openStore(app.host, storePath(app.sysroot)), deployments, wanted);
    // A document is about an image: whatever named it, the record of its first deployment says more of it.
    const [deployment] = deployments
      .filter(one => one.image === image)
      .sort((a, b) => a.createdSeconds - b.createdSeconds);
    const format = args.choice('format', ['spdx', 'cyclonedx']);
    return DOCUMENTS[format](inventoryOf(app, { image, deployment }, VERSION));
  },
  // What terminals obey is in no string of JSON, but for these.
  render: document => `${JSON.stringify(document, null, 2).replace(/[\x7f-\x9f]/g, escaped)}\n`,
};

function escaped(character: string): string {
  return `\\u00${character.charCodeAt(0).toString(16)}`;
}
