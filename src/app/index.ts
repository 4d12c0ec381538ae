export { type App, type AppOptions, createApp } from './app.ts';
export { type Environment, readEnvironment } from './environment.ts';
export { DEFAULT_GLOBALS, type GlobalOptions, type Verbosity } from './globals.ts';
export { VERSION } from './version.ts';
