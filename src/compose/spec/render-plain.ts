/** A map as the file writes it. */
export type Plain = Readonly<Record<string, unknown>>;

/** A list that is left out when it is empty. */
export function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** A map without the keys that have no value. */
export function present(fields: Plain): Plain {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The same, left out when nothing remains. */
export function presentOrNone(fields: Plain): Plain | undefined {
  const found = present(fields);
  return Object.keys(found).length > 0 ? found : undefined;
}
