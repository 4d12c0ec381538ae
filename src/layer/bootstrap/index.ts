export { bootstrap, bootstrapPackages } from './bootstrap.ts';
