/** What maintainer scripts make, and every machine must have of its own. */
export interface Secret {
  /** `*` stands for any part of a name. Everything that fits is taken out of the image. */
  readonly paths: readonly string[];
  /** A path of the image without which there is nothing to make it with. */
  readonly tool: string;
  /** A path whose absence says that it has to be made. */
  readonly proof: string;
  /** The shell command that makes it; runs as root before the units that need it. */
  readonly command: string;
  readonly before: readonly string[];
  /** A file, and what it says when the paths are an administrator's own: then they stay. */
  readonly unless?: { readonly path: string; readonly says: RegExp };
}
