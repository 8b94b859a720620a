/** Version and commit of the build; the packager writes the commit in, a checkout asks nobody. */
declare const __TCC_COMMIT__: string | undefined;

export const VERSION = {
  version: '0.1.0',
  commit: typeof __TCC_COMMIT__ === 'string' ? __TCC_COMMIT__ : 'source',
} as const;
