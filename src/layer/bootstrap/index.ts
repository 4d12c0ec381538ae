export { bootstrap, bootstrapPackages, refreshBootstrapLists } from './bootstrap.ts';
