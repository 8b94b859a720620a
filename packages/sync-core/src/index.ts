/** The pure engine: what this package offers. README.md shows it at work, SPEC.md says what it means. */

export type { DisappearanceLimits } from './guards/disappearance.ts';
export { DISAPPEARANCE_LIMITS, judgeDisappearance } from './guards/disappearance.ts';
export type { SlotCandidate } from './guards/licence-slots.ts';
export { assignSlots } from './guards/licence-slots.ts';
export type { ConferenceLink, LinkCarrier, LinkFinding, LinkSource, OtherJoinLink } from './links/recognize.ts';
export { recognizeConferenceLink } from './links/recognize.ts';
export type { ConferenceWish } from './links/wish.ts';
export { conferenceWish, wishingUrl } from './links/wish.ts';
export type { Light } from './mailbox/appearance.ts';
export { GRACE_MS, MAILBOX_ADVICE, mailboxAdvice, mailboxLight } from './mailbox/appearance.ts';
export { FAILURE_RULES } from './mailbox/failure-states.ts';
export { MAILBOX_MOVES, mailboxStep } from './mailbox/machine.ts';
export type { LookFacts, LookLane, LookTiming, NextLook } from './mailbox/next-look.ts';
export { LOOK_LANES, nextLook } from './mailbox/next-look.ts';
export type { MailboxEvent, MailboxEventType, MailboxMachine, MailboxState } from './mailbox/states.ts';
export { MAILBOX_STATES, newMailboxMachine } from './mailbox/states.ts';
export type { MirrorDecision, MirrorInput, MirrorPlan, MirrorSettings } from './mirror/plan-mirrors.ts';
export { planMirrors, settleMirror } from './mirror/plan-mirrors.ts';
export type {
  Action,
  AddParticipants,
  AnomalyDraft,
  ConferenceRef,
  CreateConference,
  Decision,
  FailureFacts,
  NotifyParticipants,
  Outcome,
  Plan,
  RemoveConference,
  RemoveParticipants,
  RingParticipants,
  RuleFiring,
  Settled,
  StartConference,
  StopConference,
  UpdateConference,
  Wait,
  WriteJoinLink,
} from './model/decision.ts';
export type {
  AgreedConference,
  Baseline,
  ConferenceBinding,
  MeetingCopy,
  StartRecord,
  StoredMeeting,
} from './model/meeting.ts';
export type { ReasonCode, RuleId } from './model/rule.ts';
export { REASONS, RULES } from './model/rule.ts';
export type {
  AccessLevel,
  KeywordSettings,
  Language,
  PlanLimits,
  PlanSettings,
  PlanSettingsInput,
  PlanTiming,
  ServerSettings,
} from './model/settings.ts';
export { planSettings, privateTitle, serverHosts } from './model/settings.ts';
export type { PlanInput } from './plan/plan-meeting.ts';
export { planMeeting } from './plan/plan-meeting.ts';
export type { StartInput } from './plan/plan-start.ts';
export { planStart } from './plan/plan-start.ts';
export type {
  CalendarRight,
  CalendarSource,
  ChangePage,
  Delegate,
  EventAddress,
  EventDraft,
  EventPatch,
  Hint,
  HintListener,
  HintStream,
  MailPolicy,
  ResolvedMailbox,
} from './ports/calendar-source.ts';
export type { CancelSignal } from './ports/cancel-signal.ts';
export type { ConferencePatch, ConferenceSpec, ConferenceTarget } from './ports/conference-target.ts';
export type { Failure, FailureKind } from './ports/failure.ts';
export { isFailure } from './ports/failure.ts';
export type {
  Anomaly,
  AnomalyReport,
  AnomalyStore,
  BoundMeeting,
  FeedPage,
  FeedStore,
  Fence,
  LeaseGrant,
  LeaseStore,
  MailboxRecord,
  MailboxRegistration,
  MailboxStatus,
  MailboxStore,
  MeetingStore,
  MirrorRecord,
  MirrorStore,
  Observation,
  ObservationReceipt,
  ObservationStore,
  PlanMeetingPayload,
  PlanningRules,
  RulesStore,
  Settlement,
  StartConferencePayload,
  StartJob,
  StoredItem,
  SyncStore,
  TimelineEntry,
  WriteLedger,
} from './ports/sync-store.ts';
export { JOB } from './ports/sync-store.ts';
export { CANCELLED_PREFIX, cancelledTitle } from './project/cancelled-title.ts';
export type { EventRef } from './project/event-ids.ts';
export { occurrenceEventId, parseEventId } from './project/event-ids.ts';
export { projectDetail } from './project/project-detail.ts';
export type {
  ProjectedAttendee,
  ProjectedDetail,
  ProjectedEvent,
  ViewerKind,
  ViewOptions,
} from './project/project-event.ts';
export { projectEvents } from './project/project-events.ts';
export type { BackoffLimits } from './settle/backoff.ts';
export { backoffMs } from './settle/backoff.ts';
export { explain } from './settle/explain.ts';
export { endsPlan, settle } from './settle/settle.ts';
export type { Assessment, BaselineState, ExchangeState } from './standing/assess.ts';
export { assess, EMPTY_BASELINE } from './standing/assess.ts';
export { conferenceIdFor } from './standing/conference-id.ts';
export { hasDrifted } from './standing/drift.ts';
export type { ConferenceLookup, LookupRequest, Lookups } from './standing/lookups.ts';
export { lookupsFor, NO_LOOKUPS, needsNothing } from './standing/lookups.ts';
export type { ConferenceSigns } from './standing/needs-plan.ts';
export { needsPlan } from './standing/needs-plan.ts';
export { planningRules } from './standing/planning-rules.ts';
export type { FoldOptions } from './view/fold-meeting.ts';
export { foldMeeting } from './view/fold-meeting.ts';
export type { CopyRank, CopyRef, FoldedAttendee, MeetingState, MeetingView, SourceCopy } from './view/meeting-view.ts';
