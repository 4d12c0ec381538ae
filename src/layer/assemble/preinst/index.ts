export { interpreterOf, isShellScript } from '../../../formats/shell/index.ts';
export { isNoOpOnInstall } from './no-op.ts';
export { standsAlone } from './stand-alone.ts';
