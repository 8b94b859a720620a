/** Version and commit of the build; the packager writes both in, a checkout has the version of package.json and no commit. */
declare const TCC_VERSION: string | undefined;
declare const TCC_COMMIT: string | undefined;

export const VERSION = {
  version: typeof TCC_VERSION === 'string' ? TCC_VERSION : '0.1.0',
  commit: typeof TCC_COMMIT === 'string' ? TCC_COMMIT.slice(0, 12) : 'source',
} as const;
