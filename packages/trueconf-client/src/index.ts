export { TrueConfError, type TrueConfErrorFields } from './error.ts';
export type {
  ApiVersion,
  Clock,
  RequestReport,
  TrueConfObserver,
  TrueConfServerOptions,
} from './options.ts';
export { createTrueConfServer } from './trueconf-server.ts';
export { fitTopic } from './wire/topic.ts';
