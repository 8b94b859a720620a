/** 3: the names of all servers resolve. */
import { type Check, failed, fine } from './check.ts';

export const checkDns: Check = {
  id: 'dns',
  title: { en: 'Server names', ru: 'Имена серверов' },
  needs: ['config'],
  run: async (context) => {
    const all = await Promise.all(context.endpoints().map((endpoint) => context.probe(endpoint)));
    return all.map(({ endpoint, addresses, dnsError }) => {
      if (dnsError === undefined) {
        const list = (addresses ?? []).join(', ');
        return fine(`${endpoint.host} is ${list}`, `${endpoint.host}: ${list}`, endpoint.label);
      }
      return failed(
        {
          en: `the name ${endpoint.host} cannot be resolved (${dnsError})`,
          ru: `имя ${endpoint.host} не разрешается (${dnsError})`,
        },
        {
          en: 'check the name in config.json and the DNS servers of this machine (/etc/resolv.conf)',
          ru: 'проверьте имя в config.json и DNS-серверы этой машины (/etc/resolv.conf)',
        },
        endpoint.label,
      );
    });
  },
};
