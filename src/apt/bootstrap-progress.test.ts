import { expect, it } from 'vitest';
import type { ProgressEvent } from '../report/index.ts';
import { followBootstrap } from './bootstrap-progress.ts';

/** Lines as mmdebstrap 1.3.5 --verbose prints them. */
const OUTPUT = `I: chroot architecture amd64 is equal to the host's architecture
I: running apt-get update...
Get:1 http://mirror.example/debian trixie InRelease [140 kB]
Get:4 http://mirror.example/debian trixie/main amd64 Packages [9678 kB]
I: downloading packages with apt...
Get:2 http://mirror.example/debian trixie/main amd64 libc6 amd64 2.41-12+deb13u4 [2847 kB]
I: extracting archives...
I: installing essential packages...
Unpacking libc6:amd64 (2.41-12) ...
Setting up libc6:amd64 (2.41-12) ...
I: installing remaining packages inside the chroot...
Setting up apt (3.0.4) ...
I: cleaning package lists and apt cache...
I: success in 15.5466 seconds
`;

function follow(chunks: readonly string[], stepMs: number): { texts: string[]; tail: string } {
  const events: ProgressEvent[] = [];
  let now = 0;
  const output = followBootstrap({ emit: event => void events.push(event) }, () => (now += stepMs));
  for (const chunk of chunks) output.write(Buffer.from(chunk));
  const texts = events.map(event =>
    event.type === 'progress' ? `${event.done}/${event.total} ${event.text}` : '',
  );
  return { texts, tail: output.tail() };
}

it('tells what happens, whatever the pieces', () => {
  const expected = [
    '0/6 Fetching package lists',
    '0/6 Fetching package lists',
    '0/6 Fetching package lists',
    '1/6 Fetching packages',
    '1/6 Fetching libc6',
    '2/6 Unpacking the essential packages',
    '3/6 Configuring the essential packages',
    '3/6 Unpacking libc6',
    '3/6 Configuring libc6',
    '4/6 Installing the other packages',
    '4/6 Configuring apt',
    '5/6 Cleaning up',
  ];
  expect(follow([OUTPUT], 1000).texts).toEqual(expected);
  expect(follow([...OUTPUT], 1000).texts).toEqual(expected);
});

it('is silent between steps that follow fast', () => {
  expect(follow([OUTPUT], 1).texts).toHaveLength(6);
});

it('keeps the end of the output only', () => {
  const { tail } = follow(['x'.repeat(200_000), 'E: last\n'], 1);
  expect(tail.length).toBe(64 * 1024);
  expect(tail.endsWith('E: last\n')).toBe(true);
});
