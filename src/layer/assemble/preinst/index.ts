export { interpreterOf, isNoOpOnInstall, isShellScript } from './no-op.ts';
