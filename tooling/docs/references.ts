/** All generated pages: name under docs/reference and text. A new generated page is one more line here. */
import { configReference, configSample } from '@calendar-connector/config';
import { alertsFile } from '../operations/alerts.ts';
import { dashboardFile } from '../operations/dashboard.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { licenceReference } from './licence-reference.ts';
import { metricsReference } from './metrics-reference.ts';
import { websocketReference } from './websocket-reference.ts';

export interface Reference {
  readonly name: string;
  readonly text: string;
}

/** Every generated page, in the order of their names. */
export function references(): readonly Reference[] {
  return [
    { name: 'alerts.yml', text: alertsFile() },
    { name: 'asyncapi.json', text: `${JSON.stringify(asyncApiDocument(), null, 2)}\n` },
    { name: 'config.en.md', text: configReference('en') },
    { name: 'config.ru.md', text: configReference('ru') },
    { name: 'config.sample.en.jsonc', text: configSample('en') },
    { name: 'config.sample.ru.jsonc', text: configSample('ru') },
    { name: 'grafana-dashboard.json', text: dashboardFile() },
    { name: 'licence.md', text: licenceReference() },
    { name: 'metrics.md', text: metricsReference() },
    { name: 'websocket.md', text: websocketReference() },
  ];
}
