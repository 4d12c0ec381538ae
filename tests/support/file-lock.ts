import { spawn } from 'node:child_process';

/**
 * Runs `action` while holding an exclusive lock on a file, which is made when missing. For what test runs of
 * different processes share. The lock goes with the process, so a killed run leaves none.
 */
export async function withFileLock<T>(file: string, action: () => Promise<T>): Promise<T> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('close', code => reject(new Error(`cannot lock ${file}: flock ended with ${code}`)));
  });
  try {
    return await action();
  } finally {
    holder.stdin.end();
  }
}
