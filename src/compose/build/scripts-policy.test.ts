import { expect, it } from 'vitest';
import { recordingReporter, testHost } from '../../../tests/support/host.ts';
import { memoryImage } from '../../../tests/support/memory-package.ts';
import { describePackage } from '../../layer/assemble/index.ts';
import type { BuildContext } from '../../layer/index.ts';
import { parseSpec } from '../spec/index.ts';
import { judgeScripts } from './scripts-policy.ts';

const POSTINST = `#!/bin/sh
udevadm trigger --attr-match=idVendor=1
udevadm trigger --attr-match=idVendor=2
udevadm trigger --attr-match=idVendor=3
systemctl restart one
`;

it('what a script says of each of many devices is one warning', () => {
  const report = recordingReporter();
  const context = { host: testHost({ report }) } as Partial<BuildContext> as BuildContext;
  const spec = parseSpec('base-image: local://x\n', 's.yaml');
  judgeScripts(context, spec, [describePackage(memoryImage('p', { control: { postinst: POSTINST } }))]);
  const warnings = report.events.flatMap(event =>
    event.type === 'log' && event.level === 'warning' ? [event.text] : [],
  );
  expect(warnings).toEqual([
    expect.stringMatching(/^p postinst:2: udevadm trigger .*idVendor=1: .* \(and in 2 more places\)$/),
    expect.stringMatching(/^p postinst:5: systemctl restart one: [^(]*$/),
  ]);
});
