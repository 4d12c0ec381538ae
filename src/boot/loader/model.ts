/** A kernel or an initramfs to boot, and where its bytes are read. */
export interface KernelFile {
  /** Of its content, lower-case hex. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly path: string;
}

/** What a boot loader has to know of a deployment. */
export interface LoaderEntry {
  /** Of the deployment. */
  readonly id: string;
  /** What the menu shows. */
  readonly title: string;
  readonly kernel: KernelFile;
  readonly initrd: KernelFile | undefined;
  readonly arguments: readonly string[];
}

/** An entry as the loader has it. */
export interface EntryState {
  readonly id: string;
  /** Undefined: it is not counted. */
  readonly triesLeft: number | undefined;
  readonly triesDone: number;
}

export interface LoaderState {
  /** In the order in which the loader tries them. */
  readonly entries: readonly EntryState[];
  /** Files of entries that are not ours. */
  readonly foreign: readonly string[];
}

/** Room on the file system of the boot directory, in bytes. */
export interface LoaderSpace {
  /** What is to be written. */
  readonly needed: number;
  readonly free: number;
  /** 0 when it fits as it is. */
  readonly missing: number;
  /** The same once kernels are gone that only unwanted entries use. */
  readonly missingAfterPruning: number;
}

/**
 * The part of a boot loader that changes with the deployments. Each entry belongs to one; those of other systems, and all other files, are never
 * touched.
 */
export interface Loader {
  readonly name: 'systemd-boot' | 'grub';
  read(): LoaderState;
  space(entries: readonly LoaderEntry[]): LoaderSpace;
  /**
   * Makes these the entries, the first one the default. One rename is the step that counts: killed before it, the loader boots what it booted
   * before; only where there is no room beside a default that is not wanted any more, the next wanted one in its line that can be booted is the
   * default meanwhile. Durable when it returns. `tries`: boot attempts that the first one has; undefined leaves it counted as it is, and uncounted when it
   * had none left. NO_SPACE, before anything is removed, when there is no room and nothing that can be booted would stay.
   */
  write(entries: readonly LoaderEntry[], tries: number | undefined): void;
  /** The next boot takes the entry of this deployment, and only that one. */
  once(id: string): void;
  /** The deployment came up: its attempts are not counted any more. */
  confirm(id: string): void;
}

export interface LoaderOptions {
  /** Path of the boot directory as the loader sees it: empty on a partition of its own, else such as `/boot`. */
  readonly bootPrefix: string;
  /** Where firmware keeps its variables (efivarfs); default `/sys/firmware/efi/efivars`. */
  readonly efiVariables?: string;
}
