/** The end of each server's certificate is measured by real handshakes, whatever the certificate is worth. */

import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { makeCertificate } from '@calendar-connector/fakes';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/engine/clock.ts';
import { CertificateWatch, type TlsServer } from '../../src/operation/certificates.ts';
import { createMetrics, type Metrics } from '../../src/operation/metrics.ts';
import { ManualClock } from '../engine/manual-clock.ts';
import { recordedLog } from '../support/recorded-log.ts';

const DAY_MS = 86_400_000;

async function serverWith(notAfter: number): Promise<{ server: Server; place: TlsServer; handshakes: () => number }> {
  const server = createServer(makeCertificate({ notAfter, notBefore: notAfter - 365 * DAY_MS }));
  let handshakes = 0;
  server.on('connection', () => {
    handshakes += 1;
  });
  server.on('secureConnection', (socket) => socket.on('error', () => {}).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    server,
    place: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    handshakes: () => handshakes,
  };
}

async function measured(metrics: Metrics): Promise<Record<string, number>> {
  const { values } = await metrics.tlsExpiry.get();
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['server']), value]));
}

const inDays = (days: number): number => Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS + 60_000;

test('good, ending and ended certificates are all measured; the last two are warned of, once a day', async () => {
  const [good, ending, ended] = [inDays(300), inDays(12), inDays(-3)];
  const servers = await Promise.all([good, ending, ended].map(serverWith));
  const names = servers.map(({ place }) => `127.0.0.1:${place.port}`);
  const [metrics, log] = [createMetrics(), recordedLog()];
  const places = servers.map(({ place }) => place);
  const watch = new CertificateWatch({ clock: systemClock, metrics, log, servers: async () => places });
  await watch.check();
  await watch.check();
  expect(await measured(metrics)).toEqual(
    Object.fromEntries([good, ending, ended].map((end, index) => [names[index], end / 1000])),
  );
  expect(log.lines.map(({ level, days, msg }) => [level, days, msg])).toEqual([
    ['warn', 12, `the certificate of ${names[1]} ends in 12 days, on ${day(ending)}; renew it`],
    ['warn', -3, `the certificate of ${names[2]} has ended on ${day(ended)}; renew it`],
  ]);
});

test('a server that is away keeps its date, one that is configured no more loses it', async () => {
  const end = inDays(90);
  const { server, place } = await serverWith(end);
  const metrics = createMetrics();
  let places: readonly TlsServer[] = [place];
  const watch = new CertificateWatch({ clock: systemClock, metrics, log: recordedLog(), servers: async () => places });
  await watch.check();
  await new Promise((resolve) => server.close(resolve));
  await watch.check();
  expect(await measured(metrics)).toEqual({ [`127.0.0.1:${place.port}`]: end / 1000 });
  places = [];
  await watch.check();
  expect(await measured(metrics)).toEqual({});
});

test('one handshake an hour and server; a failing list of servers does not end the watch', async () => {
  const clock = new ManualClock();
  const { place, handshakes } = await serverWith(inDays(90));
  const metrics = createMetrics();
  let asked = 0;
  const servers = async (): Promise<readonly TlsServer[]> => {
    asked += 1;
    if (asked === 1) throw new Error('the database is away');
    return [place, place];
  };
  const watch = new CertificateWatch({ clock, metrics, log: recordedLog(), servers });
  watch.start();
  await expect.poll(() => clock.pending).toBe(1);
  expect(handshakes()).toBe(0);
  for (const times of [1, 2]) {
    clock.advance(3_599_000);
    expect(handshakes()).toBe(times - 1);
    clock.advance(1_000);
    await expect.poll(() => clock.pending).toBe(1);
    expect(handshakes()).toBe(times);
  }
  await watch.stop();
});

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
