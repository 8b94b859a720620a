/** The engine without platform: what the simulation runs on a virtual clock. */
export type { Clock } from './clock.ts';
export { ConferenceWatch } from './conference-watch.ts';
export { MailboxSupervisor } from './mailbox-supervisor.ts';
export { MeetingWorker } from './meeting-worker.ts';
