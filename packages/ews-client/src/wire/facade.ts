/**
 * Builds every request the client sends, with the request classes of ews-javascript-api, as XML text. Sending and reading
 * are ours (transport/, decoder/). Two rules hold for all requests: the service object is in UTC with a UTC
 * TimeZoneContext, and the caller is impersonated by SMTP address (aliases are accepted in that form, facts §1.6).
 */
import { EwsError } from '../errors/ews-error.ts';
import { type Library, type LibraryRequest, type LibraryService, loadLibrary, type Writable } from './library.ts';
import { type Operation, type WireRequest, wireRequest } from './request.ts';

const UTC_CONTEXT: Writable = {
  WriteToXml(writer) {
    writer.WriteStartElement(TYPES, 'TimeZoneDefinition');
    writer.WriteAttributeValue('Id', 'UTC');
    writer.WriteEndElement();
  },
};

/** XmlNamespace.Types and .Messages; checked against the library when it is loaded. */
export const TYPES = 2;
export const MESSAGES = 1;

export class Facade {
  readonly library: Library;

  private constructor(library: Library) {
    this.library = library;
  }

  static async load(): Promise<Facade> {
    const library = await loadLibrary();
    if (library.XmlNamespace.Types !== TYPES || library.XmlNamespace.Messages !== MESSAGES) {
      throw new Error('ews-javascript-api has changed: its namespace numbers differ, refusing to build requests');
    }
    return new Facade(library);
  }

  /** Builds one request. `fill` gets the library's request object made by `make`. */
  build(
    operation: Operation,
    mailbox: string | undefined,
    make: (library: Library, service: LibraryService) => LibraryRequest,
  ): WireRequest {
    try {
      const request = make(this.library, this.#service(mailbox));
      Object.defineProperty(request, 'EmitTimeZoneHeader', { value: true });
      request.Validate();
      return wireRequest(operation, request.BuildXHR().data);
    } catch (error) {
      throw this.asError(error, operation, mailbox);
    }
  }

  /** What the library throws is no Error: give it the shape everybody else expects. */
  asError(error: unknown, operation: string, mailbox: string | undefined): EwsError {
    if (error instanceof EwsError) return error;
    const message = messageOf(error);
    return new EwsError({
      kind: 'invalidRequest',
      code: 'RequestNotBuilt',
      message: `${operation} could not be written: ${message}`,
      mailbox,
      cause: error instanceof Error ? error : new Error(message),
    });
  }

  #service(mailbox: string | undefined): LibraryService {
    const { library } = this;
    const service = new library.ExchangeService(library.ExchangeVersion.Exchange2016, library.TimeZoneInfo.Utc);
    service.Url = new library.Uri('https://unused.invalid/');
    service.Credentials = new library.WebCredentials('unused', 'unused');
    service.timeZoneDefinition = UTC_CONTEXT;
    if (mailbox !== undefined) {
      service.ImpersonatedUserId = new library.ImpersonatedUserId(library.ConnectingIdType.SmtpAddress, mailbox);
    }
    return service;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null) {
    const { Message, message } = error as { readonly Message?: unknown; readonly message?: unknown };
    for (const text of [Message, message]) if (typeof text === 'string' && text !== '') return text;
  }
  return String(error);
}

let facade: Promise<Facade> | undefined;

/** The one facade of the process. */
export function loadFacade(): Promise<Facade> {
  facade ??= Facade.load();
  return facade;
}
