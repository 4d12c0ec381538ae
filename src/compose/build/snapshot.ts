import { AptLayerError } from '../../errors/index.ts';
import type { Spec } from '../spec/index.ts';

/** What stands for the time in the address of an archive of snapshots, as in the `Snapshots` field of a Release file. */
const PLACE = '@SNAPSHOTID@';

/**
 * The spec with the time of its `snapshot` in every address that has a place for it. SPEC_INVALID when there is a time but no
 * such place, or a place but no time: then the build would not be what the spec says.
 */
export function atSnapshot(spec: Spec): Spec {
  const { snapshot, bootstrap, repositories } = spec;
  const addresses = [
    bootstrap.mirror,
    bootstrap.securityMirror,
    ...repositories.flatMap(repository => repository.uris),
  ];
  const hasPlace = addresses.some(address => address?.includes(PLACE));
  if (snapshot === undefined && !hasPlace) return spec;
  if (snapshot === undefined)
    throw new AptLayerError(
      'SPEC_INVALID',
      `an address has ${PLACE} in it, but the spec has no \`snapshot\``,
      {
        hint: 'add a line such as snapshot: 20250128T000000Z',
      },
    );
  if (!hasPlace)
    throw new AptLayerError('SPEC_INVALID', `\`snapshot\` is given, but no address has a place for it`, {
      hint: `write ${PLACE} into bootstrap.mirror and the uris of repositories, where the archive of snapshots has the time`,
    });
  const at = (address: string) => address.replaceAll(PLACE, snapshot);
  return {
    ...spec,
    bootstrap: {
      ...bootstrap,
      ...(bootstrap.mirror === undefined ? {} : { mirror: at(bootstrap.mirror) }),
      ...(bootstrap.securityMirror === undefined ? {} : { securityMirror: at(bootstrap.securityMirror) }),
    },
    repositories: repositories.map(repository => ({ ...repository, uris: repository.uris.map(at) })),
  };
}
