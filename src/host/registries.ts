/** How images in registries are reached, besides what containers-registries.conf(5) says of them. */
export interface RegistryAccess {
  /** `--authfile`: the only file that names and passwords are taken from. */
  readonly authFile: string | undefined;
  /** Files of the machine with names and passwords, which are looked at before those of the user. */
  readonly machineAuthFiles: readonly string[];
  /** Where containers-policy.json(5) may be: the first that is there counts. */
  readonly policyFiles: readonly string[];
  /** Where containers-registries.d(5) may be: the first that is there counts. */
  readonly signatureDirectories: readonly string[];
  /** `--tls-verify`: undefined leaves it to registries.conf. */
  readonly tlsVerify: boolean | undefined;
  /** Where skopeo and engines find what is the user's: HOME, XDG_RUNTIME_DIR, REGISTRY_AUTH_FILE and the like. */
  readonly environment: Readonly<Record<string, string>>;
}
