import { expect, it } from 'vitest';
import { processorLevel, variantLevel } from './processor.ts';

const V2 = 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3';
const V3 = `${V2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`;
const V4 = `${V3} avx512f avx512bw avx512cd avx512dq avx512vl`;

it.each([
  ['amd64', 'flags\t\t: fpu vme', 1],
  ['amd64', `flags\t\t: fpu ${V2}`, 2],
  ['amd64', `flags\t\t: fpu ${V3}`, 3],
  ['amd64', `flags\t\t: fpu ${V4}`, 4],
  ['amd64', `flags\t\t: fpu ${V4.replace('ssse3', '')}`, 1],
  ['amd64', '', 1],
  ['armhf', '', 7],
  ['armel', '', 5],
  ['armel', 'CPU architecture: 6', 6],
  ['armhf', 'CPU architecture: 8', 7],
  ['arm64', 'CPU architecture: 8', 8],
  ['arm64', '', 8],
  ['s390x', '', 1],
])('%s with %j has level %i', (architecture, cpuinfo, level) => {
  expect(processorLevel(architecture, `processor : 0\n${cpuinfo}\n`)).toBe(level);
});

it('variants have levels', () => {
  expect([undefined, 'v1', 'v7', 'v10', '7', 'hard', 'v'].map(variantLevel)).toEqual([
    ...[undefined, 1, 7, 10],
    ...[undefined, undefined, undefined],
  ]);
});
