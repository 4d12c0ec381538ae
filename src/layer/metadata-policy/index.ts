export {
  type PermissionChange,
  type Permissions,
  plainMetadata,
  withPlainPermissions,
} from './plain-permissions.ts';
export {
  type ConflictResolution,
  DPKG_POLICIES,
  type FilePolicies,
  type FilePolicy,
  policyOf,
  rankOf,
  settlesConflicts,
} from './policy.ts';
