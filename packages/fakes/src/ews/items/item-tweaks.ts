/** Faults that twist single items of an answer. */
import type { RequestContext } from '../request-context.ts';
import { EwsError } from '../wire/ews-error.ts';
import type { ItemTweak } from './field.ts';
import type { ShownItem } from './shown-item.ts';

/** What the faults in force make of this item; throws when the item cannot be read. */
export function tweakFor(context: RequestContext, item: ShownItem): ItemTweak | undefined {
  if (!context.hasFaults) return undefined;
  const address = item.box.address;
  if (context.takeFault(['notReadableYet'], address) !== undefined) {
    throw new EwsError(
      'ErrorItemNotFound',
      'The specified object was not found in the store., The process failed to get the correct properties.',
    );
  }
  const broken = context.takeFault(['itemError'], address);
  if (broken !== undefined)
    throw new EwsError(broken.code ?? 'ErrorItemCorrupt', broken.text ?? 'The item is corrupt.');
  const rules = context.takeFaults(
    ['emptyTimeZone', 'ianaTimeZone', 'customTimeZone', 'duplicateUid', 'hugeAttendees', 'legacyAddresses'],
    address,
  );
  if (rules.length === 0) return undefined;
  const tweak: { -readonly [K in keyof ItemTweak]: ItemTweak[K] } = {};
  for (const rule of rules) {
    if (rule.kind === 'emptyTimeZone') tweak.timeZone = 'empty';
    if (rule.kind === 'ianaTimeZone') tweak.timeZone = 'iana';
    if (rule.kind === 'customTimeZone') tweak.timeZone = 'custom';
    if (rule.kind === 'duplicateUid')
      tweak.uid =
        rule.text ??
        '040000008200E00074C5B7101A82E008000000000000000000000000000000000000000010000000DEADBEEFDEADBEEFDEADBEEFDEADBEEF';
    if (rule.kind === 'hugeAttendees') tweak.extraAttendees = rule.amount ?? 1000;
    if (rule.kind === 'legacyAddresses') tweak.legacyAddresses = true;
  }
  return tweak;
}
