import { execFileSync } from 'node:child_process';

/** Integration tests run the built program. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
