export {
  type LogLevel,
  log,
  PROGRESS_VERSION,
  type ProgressEvent,
  type Reporter,
  silentReporter,
  step,
  teeReporter,
} from './reporter.ts';
export {
  type LastingWarning,
  lastingWarning,
  type WarningList,
  type Warnings,
  warn,
  warningsAfter,
} from './warnings.ts';
