/**
 * Where the script of the worker threads is: beside the bundle, and in the repository's dist/ when this runs from
 * source (tests).
 */
export function workerScript(module: string = import.meta.url): URL {
  return new URL(module.endsWith('.ts') ? '../../dist/worker.mjs' : './worker.mjs', module);
}
