/** Version and commit of the build; the packager writes both in, a checkout has the version of package.json and no commit. */
declare const __TCC_COMMIT__: string | undefined;
declare const TCC_VERSION: string | undefined;

export const VERSION = {
  version: typeof TCC_VERSION === 'string' ? TCC_VERSION : '0.1.0',
  commit: typeof __TCC_COMMIT__ === 'string' ? __TCC_COMMIT__ : 'source',
} as const;
