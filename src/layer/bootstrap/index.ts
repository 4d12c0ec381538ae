export { type BasePackages, bootstrap, bootstrapPackages, refreshBootstrapLists } from './bootstrap.ts';
