import { describe, expect, it } from 'vitest';
import { parseSpec } from '../spec/index.ts';
import { atSnapshot } from './snapshot.ts';

const spec = (text: string) => parseSpec(`base-image: apt://trixie\n${text}`, 's.yaml');
const MIRROR = 'bootstrap: {mirror: "http://snapshots.example.org/debian/@SNAPSHOTID@"}\n';

describe('a snapshot', () => {
  it('is put into the addresses that have a place for it', () => {
    const { bootstrap, repositories } = atSnapshot(
      spec(
        `${MIRROR}snapshot: 2025-01-28\nrepositories: [{name: a, uris: ["http://x.example.org/@SNAPSHOTID@/", "http://y.example.org"], suites: [./], signed-by: k}]`,
      ),
    );
    expect(bootstrap.mirror).toBe('http://snapshots.example.org/debian/20250128T000000Z');
    expect(repositories[0]?.uris).toEqual(['http://x.example.org/20250128T000000Z/', 'http://y.example.org']);
  });

  it('leaves a spec alone that has neither', () => {
    const plain = spec('layers: [vim]');
    expect(atSnapshot(plain)).toBe(plain);
  });

  it.each([[MIRROR], ['snapshot: 2025-01-28']])('is refused when it is only half said: %j', text =>
    expect(() => atSnapshot(spec(text))).toThrow(/snapshot/),
  );
});
