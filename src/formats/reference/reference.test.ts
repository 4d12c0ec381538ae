import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AptLayerError } from '../../errors/index.ts';
import { parseImageName, parseImageReference, readImageReference, renderImageReference } from './index.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('names in registries', () => {
  const complete = (text: string) => renderImageReference(parseImageReference(text));

  it.each([
    ['oci://ubuntu:24.04', 'oci://docker.io/library/ubuntu:24.04'],
    ['oci://ubuntu', 'oci://docker.io/library/ubuntu'],
    ['docker://debian', 'oci://docker.io/library/debian'],
    ['oci://grafana/grafana:11', 'oci://docker.io/grafana/grafana:11'],
    ['oci://index.docker.io/debian', 'oci://docker.io/library/debian'],
    ['oci://docker.io/library/debian', 'oci://docker.io/library/debian'],
    ['oci://localhost/x', 'oci://localhost/x'],
    ['oci://localhost:5000/x:1', 'oci://localhost:5000/x:1'],
    ['oci://127.0.0.1:5000/a/b/c', 'oci://127.0.0.1:5000/a/b/c'],
    ['oci://[::1]:5000/a', 'oci://[::1]:5000/a'],
    ['oci://ghcr.io/owner/image:v1.2_rc-3', 'oci://ghcr.io/owner/image:v1.2_rc-3'],
    [`oci://ubuntu@${DIGEST}`, `oci://docker.io/library/ubuntu@${DIGEST}`],
    [`oci://q.example/a:t@${DIGEST}`, `oci://q.example/a:t@${DIGEST}`],
    ['oci://a__b/c--d.e', 'oci://docker.io/a__b/c--d.e'],
  ])('completes %s as docker does', (text, whole) => {
    expect(complete(text)).toBe(whole);
    expect(complete(whole)).toBe(whole);
  });

  it.each([
    ['oci://', 'cannot be part of an image'],
    ['oci://Ubuntu', 'capital letters'],
    ['oci://ghcr.io/Owner/x', 'capital letters'],
    ['oci://a//b', 'cannot be part of an image'],
    ['oci://a/../b', 'cannot be part of an image'],
    ['oci://a.example/', 'cannot be part of an image'],
    ['oci://-x.example/a', 'not the name of a registry'],
    ['oci://x.example:99999/a', 'not the name of a registry'],
    ['oci://user:secret@x.example/a', 'not a digest'],
    ['oci://ubuntu:', 'is not a tag'],
    ['oci://ubuntu:.x', 'is not a tag'],
    [`oci://ubuntu:${'x'.repeat(129)}`, 'is not a tag'],
    ['oci://ubuntu@sha256:12', 'not a digest'],
    [`oci://ubuntu@sha512:${'ab'.repeat(64)}`, 'not a digest'],
    [`oci://${'a/'.repeat(150)}b`, 'longer than 255'],
    ['oci://ubuntu\n', 'control characters'],
    ['docker:ubuntu', 'two slashes'],
    ['ubuntu', 'names no image'],
    ['ftp://ubuntu', 'no place for images'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseImageReference(text)).toThrow(AptLayerError);
    expect(readImageReference(text)).toHaveProperty('reason', expect.stringContaining(reason));
  });
});

describe('other places', () => {
  it.each([
    ['oci:/dir', { transport: 'oci', path: '/dir' }],
    ['oci:dir:tag', { transport: 'oci', path: 'dir', name: 'tag' }],
    [
      'oci:dir:localhost:5000/foo:latest',
      { transport: 'oci', path: 'dir', name: 'localhost:5000/foo:latest' },
    ],
    [`oci:dir@${DIGEST}`, { transport: 'oci', path: 'dir', digest: DIGEST }],
    ['oci-archive:a.tar', { transport: 'oci-archive', path: 'a.tar' }],
    ['docker-archive:/a.tar:x:1', { transport: 'docker-archive', path: '/a.tar', name: 'x:1' }],
    [
      'containers-storage:localhost/foo:latest',
      { transport: 'containers-storage', name: 'localhost/foo:latest' },
    ],
  ])('reads %s, and writes it again', (text, reference) => {
    expect(parseImageReference(text)).toEqual(reference);
    expect(renderImageReference(parseImageReference(text))).toBe(text);
  });

  it.each([
    'oci:',
    'oci::tag',
    `oci:@${DIGEST}`,
    'oci:dir:',
    'oci-archive:',
    'containers-storage:',
    'containers-storage:[overlay@/x]y',
  ])('refuses %s', text => expect(() => parseImageReference(text)).toThrow(AptLayerError));
});

it('gives a reference or a reason for any text, and reads what it writes', () => {
  const prefix = fc.constantFrom(
    'oci://',
    'docker://',
    'oci:',
    'oci-archive:',
    'docker-archive:',
    'containers-storage:',
    '',
  );
  const rest = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', 'B', '.', ':', '/', '@', '-', '_', '1', DIGEST) }),
  );
  fc.assert(
    fc.property(prefix, rest, (start, end) => {
      const read = readImageReference(start + end);
      if (!('transport' in read)) {
        expect(read.reason).not.toBe('');
        return;
      }
      const written = renderImageReference(read);
      expect(readImageReference(written)).toEqual(read);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['ubuntu:24.04', 'oci://docker.io/library/ubuntu:24.04'],
  ['localhost:5000/x:1', 'oci://localhost:5000/x:1'],
  ['oci.example.org/x', 'oci://oci.example.org/x'],
  ['docker://q.example/a', 'oci://q.example/a'],
  ['oci:dir:tag', 'oci:dir:tag'],
  ['docker-archive:/a.tar', 'docker-archive:/a.tar'],
])('a name may stand alone: %s', (text, whole) => {
  expect(renderImageReference(parseImageName(text))).toBe(whole);
});
