export { interpreterOf, isNoOpOnInstall, isShellScript } from './no-op.ts';
export { standsAlone } from './stand-alone.ts';
