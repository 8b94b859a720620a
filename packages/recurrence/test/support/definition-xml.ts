/** Just enough of a reader to turn the TimeZoneDefinition XML of the reference vectors into plain data. */
import type { TimeZoneDefinition } from '../../src/index.ts';

type Transitions = TimeZoneDefinition['groups'][number]['transitions'];

function minutesOf(duration: string): number {
  const match = /^(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(duration);
  if (!match) throw new Error(`not a duration: ${duration}`);
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0) + Number(match[4] ?? 0) / 60;
  return match[1] ? 0 - minutes : minutes;
}

function textOf(xml: string, name: string): string {
  const match = new RegExp(`<t:${name}[^>]*>([^<]*)<`).exec(xml);
  if (!match?.[1]) throw new Error(`no ${name} in ${xml}`);
  return match[1];
}

function transitionsOf(xml: string): Transitions {
  return [...xml.matchAll(/<t:(RecurringDayTransition|Transition)>(.*?)<\/t:\1>/g)].map(([, kind, inner = '']) => {
    const to = textOf(inner, 'To');
    if (kind === 'Transition') return { kind: 'always', to };
    return {
      kind: 'recurringDay',
      to,
      timeOffsetMinutes: minutesOf(textOf(inner, 'TimeOffset')),
      month: Number(textOf(inner, 'Month')),
      dayOfWeek: textOf(inner, 'DayOfWeek') as 'Sunday',
      occurrence: Number(textOf(inner, 'Occurrence')),
    };
  });
}

export function definitionOf(id: string, xml: string): TimeZoneDefinition {
  const periods = xml.matchAll(/<t:Period Bias="([^"]*)" Name="([^"]*)" Id="([^"]*)"/g);
  const groups = xml.matchAll(/<t:TransitionsGroup Id="([^"]*)">(.*?)<\/t:TransitionsGroup>/g);
  const [, starts = ''] = /<t:Transitions>(.*)<\/t:Transitions>/.exec(xml) ?? [];
  return {
    id,
    periods: [...periods].map(([, bias = '', name = '', period = '']) => ({
      id: period,
      name,
      biasMinutes: minutesOf(bias),
    })),
    groups: [...groups].map(([, group = '', inner = '']) => ({ id: group, transitions: transitionsOf(inner) })),
    transitions: [...starts.matchAll(/<t:(AbsoluteDateTransition|Transition)>(.*?)<\/t:\1>/g)].map(
      ([, kind, inner = '']) =>
        kind === 'Transition'
          ? { groupId: textOf(inner, 'To') }
          : { groupId: textOf(inner, 'To'), from: textOf(inner, 'DateTime') },
    ),
  };
}
