import { execFileSync } from 'node:child_process';

/** Tests run the built program and worker threads. */
export default function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
