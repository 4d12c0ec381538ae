/** The environment variables the program obeys. This folder alone reads `process.env`. */
export interface Environment {
  /** `NO_COLOR` set to anything but nothing (no-color.org), or a terminal that cannot. */
  readonly forbidsColor: boolean;
  /** `JOURNAL_STREAM`: DEVICE:INODE of the stream that systemd reads, if any. */
  readonly journalStream: string | undefined;
  /** `APT_LAYER_SYSROOT`: the sysroot where `--sysroot` names none. */
  readonly sysroot: string | undefined;
  /** `APT_LAYER_FAULT`, the fault to inject in a test, unparsed. */
  readonly fault: string | undefined;
  /** `APT_LAYER_NAMESPACE`: the installed wrapper gave us a mount namespace of our own. */
  readonly privateMounts: boolean;
  /** `APT_LAYER_RUN`, for tests: another directory than /run/apt-layer. */
  readonly runDirectory: string;
  /** What the programs we start get besides PATH and the locale. */
  readonly passedOn: Readonly<Record<string, string | undefined>>;
  /** What skopeo and engines get besides: where the user has names, passwords, settings and storage of images. */
  readonly ofRegistries: Readonly<Record<string, string>>;
}

/** Variables that mean the same to apt, skopeo and others as to the user who set them. */
const PASSED_ON = [
  'TERM',
  'EDITOR',
  'VISUAL',
  'http_proxy',
  'https_proxy',
  'ftp_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SOURCE_DATE_EPOCH',
];

/** Of containers-auth.json(5), containers-registries.conf(5), storage.conf(5), containers.conf(5) and docker: for skopeo and for engines. */
const OF_REGISTRIES = [
  'HOME',
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'REGISTRY_AUTH_FILE',
  'DOCKER_CONFIG',
  'CONTAINERS_STORAGE_CONF',
  'STORAGE_DRIVER',
  'STORAGE_OPTS',
  'CONTAINERS_REGISTRIES_CONF',
  'CONTAINERS_CONF',
  'CONTAINERS_CONF_OVERRIDE',
  'BUILDAH_ISOLATION',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CERT_PATH',
  'DOCKER_TLS_VERIFY',
  'DOCKER_BUILDKIT',
  'TMPDIR',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
];

export function readEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  return {
    forbidsColor: (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb',
    journalStream: env['JOURNAL_STREAM'],
    sysroot: env['APT_LAYER_SYSROOT'] === '' ? undefined : env['APT_LAYER_SYSROOT'],
    fault: env['APT_LAYER_FAULT'],
    privateMounts: (env['APT_LAYER_NAMESPACE'] ?? '') !== '',
    runDirectory: env['APT_LAYER_RUN'] ?? '/run/apt-layer',
    passedOn: Object.fromEntries(PASSED_ON.map(name => [name, env[name]])),
    ofRegistries: Object.fromEntries(
      OF_REGISTRIES.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])),
    ),
  };
}
