/**
 * One grammar for every EWS answer: envelope, server version, fault, response messages. Items, changes, find pages and
 * streaming notifications are read straight into records; everything rarer becomes a small tree.
 */
import { addChildren, boolean, element, type Rule, text, token } from './grammar.ts';
import { type ItemHolder, itemRule, newExtended, newOccurrence, newPerson } from './item-grammar.ts';
import { RawItem } from './raw-item.ts';
import { type TreeBuilder, type TreeNode, treeRule } from './tree.ts';

/** One change of a SyncFolderItems answer. */
export interface RawChange {
  readonly kind: 'create' | 'update' | 'delete' | 'readFlag';
  readonly itemId: string;
  readonly changeKey: string;
}

/** One event of a notification; ids it does not name are empty. */
export interface RawEvent {
  /** local name, e.g. `CreatedEvent` */
  readonly type: string;
  itemId: string;
  folderId: string;
  oldItemId: string;
}

/** What happened in one subscription's folders. */
export interface RawNotification {
  subscriptionId: string;
  readonly events: RawEvent[];
}

/** One response message; what an operation does not send stays empty. */
export class RawMessage {
  /** local name, e.g. `GetItemResponseMessage` */
  readonly element: string;
  /** `Success`, `Warning` or `Error` */
  readonly responseClass: string;
  /** ResponseCode, `NoError` of a success */
  code = '';
  /** MessageText: for people, in the server's language */
  text = '';
  /** MessageXml/Value by Name, e.g. BackOffMilliseconds, PolicyLimit */
  readonly values: Record<string, string> = Object.create(null) as Record<string, string>;
  readonly items: RawItem[] = [];
  readonly changes: RawChange[] = [];
  syncState: string | undefined = undefined;
  /** IncludesLastItemInRange: false when more is to come */
  includesLast: boolean | undefined = undefined;
  subscriptionId = '';
  /** of a stream: `OK`, `Closed`, empty in notifications */
  connectionStatus = '';
  readonly errorSubscriptionIds: string[] = [];
  readonly notifications: RawNotification[] = [];
  /** whatever else the message holds */
  readonly trees: TreeNode[] = [];

  constructor(elementName: string, responseClass: string) {
    this.element = elementName;
    this.responseClass = responseClass;
  }
}

/** Version of the server that answered (ServerVersionInfo), e.g. 15.2.1118.7 of an Exchange 2019. */
export interface ServerBuild {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly revision: number;
  /** e.g. `V2017_07_11` */
  readonly schema: string;
}

/** What one envelope says. */
export class ResponseState implements ItemHolder, TreeBuilder {
  server: ServerBuild | undefined = undefined;
  /** a SOAP fault in place of an answer */
  fault: TreeNode | undefined = undefined;
  /** local name of the answer's element in the Body */
  operation = '';
  readonly messages: RawMessage[] = [];
  /** the answer itself when it has no response messages (free/busy, autodiscover) */
  readonly trees: TreeNode[] = [];
  // What follows is the decoder's own while it reads.
  readonly openNodes: TreeNode[] = [];
  readonly #done: ((state: ResponseState) => void) | undefined;

  message = new RawMessage('', '');
  item = new RawItem('');
  people: ItemHolder['people'] = [];
  person = newPerson();
  extended = newExtended();
  occurrences: ItemHolder['occurrences'] = [];
  occurrence = newOccurrence();
  instants: number[] = [];
  recurrence: ItemHolder['recurrence'] = undefined;
  zone: ItemHolder['zone'] = undefined;
  change: { kind: RawChange['kind']; itemId: string; changeKey: string } = {
    kind: 'update',
    itemId: '',
    changeKey: '',
  };
  notification: RawNotification = { subscriptionId: '', events: [] };
  event: RawEvent = { type: '', itemId: '', folderId: '', oldItemId: '' };
  valueName = '';

  /** `done` is called at the end of each envelope (streaming); it should call `clear`. */
  constructor(done?: (state: ResponseState) => void) {
    this.#done = done;
  }

  /** The envelope is complete. */
  finish(): void {
    this.#done?.(this);
  }

  /** Forgets the envelope, for the next one of a stream. */
  clear(): void {
    this.fault = undefined;
    this.operation = '';
    this.messages.length = 0;
    this.trees.length = 0;
    this.openNodes.length = 0;
  }
}

type S = ResponseState;

const messageTree = treeRule<S>((state) => ({ openNodes: state.openNodes, trees: state.message.trees }));
const bodyTree = treeRule<S>((state) => state);

const items = element<S>({}, { wild: itemRule<S>((state, item) => state.message.items.push(item)) });

/** Items inside a change are IdOnly: only the id is read. */
const changedId = element<S>(
  {},
  {
    open: (state, attributes) => {
      state.change.itemId = attributes.get('Id') ?? '';
      state.change.changeKey = attributes.get('ChangeKey') ?? '';
    },
  },
);

function change(kind: RawChange['kind']): Rule<S> {
  return element<S>(
    { ItemId: changedId },
    {
      wild: element<S>({ ItemId: changedId }),
      open: (state) => {
        state.change = { kind, itemId: '', changeKey: '' };
      },
      close: (state) => {
        state.message.changes.push(state.change);
      },
    },
  );
}

const eventRule = element<S>(
  {
    ItemId: idInto('itemId'),
    FolderId: idInto('folderId'),
    OldItemId: idInto('oldItemId'),
  },
  {
    open: (state, _attributes, name) => {
      state.event = { type: name.local, itemId: '', folderId: '', oldItemId: '' };
    },
    close: (state) => {
      if (state.event.type.endsWith('Event')) state.notification.events.push(state.event);
    },
  },
);

function idInto(key: 'itemId' | 'folderId' | 'oldItemId'): Rule<S> {
  return element<S>(
    {},
    {
      open: (state, attributes) => {
        state.event[key] = attributes.get('Id') ?? '';
      },
    },
  );
}

const ignored = element<S>({});

const notification = element<S>(
  {
    SubscriptionId: text((state, value) => {
      state.notification.subscriptionId = value.trim();
    }),
    PreviousWatermark: ignored,
    MoreEvents: ignored,
  },
  {
    wild: eventRule,
    open: (state) => {
      state.notification = { subscriptionId: '', events: [] };
    },
    close: (state) => {
      state.message.notifications.push(state.notification);
    },
  },
);

const messageXml = element<S>({
  Value: text(
    (state, value) => {
      const name = state.valueName;
      if (name !== '') state.message.values[name] = value.trim();
    },
    (state, attributes) => {
      state.valueName = attributes.get('Name') ?? '';
    },
  ),
});

const rootFolder = element<S>(
  { Items: items },
  {
    open: (state, attributes) => {
      const last = attributes.get('IncludesLastItemInRange');
      if (last !== undefined) state.message.includesLast = last === 'true' || last === '1';
    },
  },
);

const message = element<S>(
  {
    MessageText: text((state, value) => {
      state.message.text = value;
    }),
    ResponseCode: token((state, value) => {
      state.message.code = value;
    }),
    DescriptiveLinkKey: ignored,
    MessageXml: messageXml,
    Items: items,
    RootFolder: rootFolder,
    Changes: element<S>({
      Create: change('create'),
      Update: change('update'),
      Delete: change('delete'),
      ReadFlagChange: change('readFlag'),
    }),
    SyncState: text((state, value) => {
      state.message.syncState = value;
    }),
    IncludesLastItemInRange: boolean((state, value) => {
      state.message.includesLast = value;
    }),
    SubscriptionId: text((state, value) => {
      state.message.subscriptionId = value.trim();
    }),
    Notifications: element<S>({ Notification: notification }),
    Notification: notification,
    ConnectionStatus: token((state, value) => {
      state.message.connectionStatus = value;
    }),
    ErrorSubscriptionIds: element<S>({
      SubscriptionId: text((state, value) => {
        state.message.errorSubscriptionIds.push(value.trim());
      }),
    }),
  },
  {
    wild: messageTree,
    open: (state, attributes, name) => {
      state.message = new RawMessage(name.local, attributes.get('ResponseClass') ?? '');
      state.messages.push(state.message);
    },
  },
);

const operation = element<S>(
  { ResponseMessages: element<S>({}, { wild: message }) },
  {
    wild: bodyTree,
    open: (state, _attributes, name) => {
      state.operation = name.local;
    },
  },
);

const faultTree = treeRule<S>((state) => state);
const fault: Rule<S> = {
  ...faultTree,
  close: (state, value) => {
    faultTree.close?.(state, value);
    state.fault = state.trees.pop();
  },
};

const header = element<S>({});
addChildren<S>(
  header,
  {
    ServerVersionInfo: element<S>(
      {},
      {
        open: (state, attributes) => {
          const part = (name: string) => Number(attributes.get(name) ?? 0) || 0;
          state.server = {
            major: part('MajorVersion'),
            minor: part('MinorVersion'),
            build: part('MajorBuildNumber'),
            revision: part('MinorBuildNumber'),
            schema: attributes.get('Version') ?? '',
          };
        },
      },
    ),
  },
  'ews',
);

const body = element<S>({ Fault: fault }, { wild: operation }, 'soap');

const envelope = element<S>({ Header: header, Body: body }, { close: (state) => state.finish() }, 'soap');

/** The root of every answer. */
export const RESPONSE: Rule<ResponseState> = element<ResponseState>({ Envelope: envelope }, {}, 'soap');
