import { BY_ARCHIVERS } from './archivers.ts';
import { BY_CHANGE } from './changes.ts';
import { BY_CONTROL } from './control.ts';
import { BY_DEBHELPER } from './debhelper.ts';
import { BY_DPKG_DEB } from './dpkg-deb.ts';
import { BY_LAYOUT } from './layouts.ts';
import type { MadePackage } from './made-package.ts';
import { BY_SCRIPT } from './scripts.ts';
import { BY_TOOLS } from './tools.ts';

/** Made without more than what the tests need. */
export const MADE_WITH_LITTLE: readonly MadePackage[] = [
  ...BY_DPKG_DEB,
  ...BY_ARCHIVERS,
  ...BY_LAYOUT,
  ...BY_SCRIPT,
  ...BY_CONTROL,
  ...BY_CHANGE,
];

/** Made by tools that have to be installed: `scripts/setup.sh corpus`. */
export const MADE_BY_TOOLS: readonly MadePackage[] = [...BY_DEBHELPER, ...BY_TOOLS];
