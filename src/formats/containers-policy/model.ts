/** One demand of containers-policy.json(5): `{"type": "signedBy", "keyPath": ...}`. Keys of a type are read by who checks it. */
export interface Requirement {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What containers-policy.json(5) demands of images. */
export interface Policy {
  /** Of what nothing else is said. */
  readonly default: readonly Requirement[];
  /** By the name of the transport (`docker`, `oci`), then by scope; the empty scope is the default of the transport. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, readonly Requirement[]>>;
}

/** The demands that hold for one image: all of them at once. */
export interface Rule {
  /** Where they stand: `docker registry.example.org/team`, `docker` for the default of a transport, or `default`. */
  readonly name: string;
  readonly requirements: readonly Requirement[];
}
