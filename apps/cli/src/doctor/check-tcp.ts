/** 4: the ports of all servers accept connections. */
import { type Check, failed, fine } from './check.ts';

export const checkTcp: Check = {
  id: 'tcp',
  title: { en: 'Connections', ru: 'Соединения' },
  needs: ['config'],
  run: async (context) => {
    const all = await Promise.all(context.endpoints().map((endpoint) => context.probe(endpoint)));
    return all.flatMap(({ endpoint, connected, tcpError }) => {
      const place = `${endpoint.host}:${endpoint.port}`;
      if (connected) return [fine(`${place} accepts connections`, `${place} принимает соединения`, endpoint.label)];
      if (tcpError === undefined) return [];
      const cause = {
        en: `no connection to ${place} (${tcpError})`,
        ru: `нет соединения с ${place} (${tcpError})`,
      };
      return [failed(cause, FIX, endpoint.label)];
    });
  },
};

const FIX = {
  en: 'check that the server runs, its port in config.json, and the firewalls on the way',
  ru: 'проверьте, что сервер работает, его порт в config.json и межсетевые экраны на пути',
};
