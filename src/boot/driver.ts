/**
 * What decides the next boot: a boot loader, or for a sysroot that nothing boots from a file of our own. A driver
 * writes all it needs aside; its commit is one rename, so a crash leaves the old order or the new one.
 */
export interface BootDriver {
  readonly name: 'none';
  /** Deployment ids, the next boot first. Undefined when none was ever written. */
  readOrder(): readonly string[] | undefined;
  /** Durable when it returns. Called with the lock held. */
  writeOrder(ids: readonly string[]): void;
  /** The deployment that is running now; undefined when the sysroot is not booted. */
  booted(): string | undefined;
}
