/** How far a task is: status, share and date of completion hang together (Microsoft reference page Task). */
import type { ItemContent, OpaqueNode } from '../../world/model.ts';
import { utcText } from '../wire/date-time.ts';
import type { ShownItem } from './shown-item.ts';

const leaf = (name: string, text: string): OpaqueNode => ({ name, attributes: {}, children: [], text });

/** What a server knows of a task without being told. */
export function taskFields(item: ShownItem): OpaqueNode[] {
  const { opaque } = item.content;
  const status = opaque.get('Status')?.text ?? 'NotStarted';
  return [
    leaf('ChangeCount', '1'),
    leaf('IsComplete', String(status === 'Completed')),
    leaf('IsRecurring', String(opaque.has('Recurrence'))),
    leaf('IsTeamTask', 'false'),
    leaf('Owner', item.box.profile.name),
    leaf('PercentComplete', opaque.get('PercentComplete')?.text ?? '0'),
    leaf('Status', status),
  ];
}

/** The content of a task after one property was set: the others follow. */
export function settleTask(content: ItemContent, changed: string, now: number): ItemContent {
  const value = content.opaque.get(changed)?.text.trim() ?? '';
  switch (changed) {
    case 'Status':
      if (value === 'Completed') return completed(content, now);
      return value === 'NotStarted' ? open(content, 'NotStarted', '0') : open(content, value, undefined);
    case 'PercentComplete':
      if (Number(value) >= 100) return completed(content, now);
      return open(content, Number(value) > 0 ? 'InProgress' : 'NotStarted', value);
    case 'CompleteDate':
      return value === '' ? content : completed(content, Date.parse(value));
    default:
      return content;
  }
}

function completed(content: ItemContent, at: number): ItemContent {
  const opaque = new Map(content.opaque)
    .set('Status', leaf('Status', 'Completed'))
    .set('PercentComplete', leaf('PercentComplete', '100'));
  if (!opaque.has('CompleteDate')) opaque.set('CompleteDate', leaf('CompleteDate', utcText(at)));
  return { ...content, opaque };
}

function open(content: ItemContent, status: string, percent: string | undefined): ItemContent {
  const opaque = new Map(content.opaque).set('Status', leaf('Status', status));
  opaque.delete('CompleteDate');
  if (percent !== undefined) opaque.set('PercentComplete', leaf('PercentComplete', percent));
  else if (opaque.get('PercentComplete')?.text === '100') opaque.set('PercentComplete', leaf('PercentComplete', '0'));
  return { ...content, opaque };
}
