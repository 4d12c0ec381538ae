export { readEngine } from './engine.ts';
export { readConfiguration } from './file.ts';
export { readScriptLimits } from './script-limits.ts';
export { readStagesKept } from './stages-kept.ts';
export { invalidSetting, partOf, sizeOf, timeOf } from './values.ts';
export { readVulnerabilitySettings, type VulnerabilitySettings } from './vulnerabilities.ts';
