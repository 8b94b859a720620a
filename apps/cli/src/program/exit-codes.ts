/** Exit codes of every command (design/contracts.md §1; sysexits.h). Scripts rely on them. */
export const EXIT = {
  ok: 0,
  /** refused, or done with a bad result */
  failed: 1,
  /** doctor: at least one check failed (1: at least one warned) */
  checksFailed: 2,
  /** the command line cannot be understood */
  usage: 64,
  /** the daemon, or the database, does not answer */
  unavailable: 69,
  /** registration: no link; the offline request was written */
  offlineRequest: 75,
  notRegistered: 77,
  badConfig: 78,
  /** Ctrl-C (128 + SIGINT), as shells expect */
  interrupted: 130,
} as const;
