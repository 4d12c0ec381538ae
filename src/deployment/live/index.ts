export { type AppliedLive, applyLive, planApplyLive } from './apply-live.ts';
export { type LiveState, readLiveState } from './live-state.ts';
export { planSoftReboot, softReboot } from './soft-reboot.ts';
export { unlockUsr } from './usroverlay.ts';
