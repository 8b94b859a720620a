/** The engine without platform: what the simulation runs on a virtual clock. */
export type { Clock } from './clock.ts';
export { MailboxSupervisor } from './mailboxes/mailbox-supervisor.ts';
export { MeetingWorker } from './meetings/meeting-worker.ts';
export { ConferenceWatch } from './servers/conference-watch.ts';
