import { USE_NETWORKS, type UseOptions } from '../deployment/index.ts';
import type { ParsedArgs } from './args.ts';

/** The options of `run` and `shell`. */
export function useOptions(args: ParsedArgs): Omit<UseOptions, 'command'> {
  const network = USE_NETWORKS.find(one => one === args.option('network'));
  return { readOnly: args.flag('read-only'), network };
}
