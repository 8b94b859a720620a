/**
 * The platform's AbortSignal where there is one (every adapter runs on Node), without pulling a platform into this
 * pure package: the type resolves in the program that implements or calls a port.
 */
export type CancelSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } } ? Signal : never;
