/** Light entry point `@calendar-connector/config/paths`. */
export type { InstallationPaths } from './installation-paths.ts';
export { chooseRoot, DEFAULT_ROOT, installationPaths } from './installation-paths.ts';
