/** 11: the service account may open the listed mailboxes. */
import { type Check, failed, fine } from './check.ts';
import { allMailboxes } from './resolved-mailboxes.ts';

export const checkImpersonation: Check = {
  id: 'impersonation',
  title: { en: 'Right to open the mailboxes', ru: 'Право открывать ящики' },
  needs: ['config'],
  run: async (context) => {
    const tried = await allMailboxes(context);
    return tried.flatMap((one) => {
      if (one.ok) return [fine('allowed', 'разрешено', one.address)];
      if (one.failure.kind !== 'impersonationDenied') return [];
      const login = one.provider.credentials[0]?.login ?? '';
      const command = `New-ManagementRoleAssignment -Role ApplicationImpersonation -User "${login}"`;
      const cause = { en: `refused (${one.failure.code})`, ru: `отказано (${one.failure.code})` };
      const fix = {
        en: `give the role in the Exchange Management Shell: ${command}`,
        ru: `назначьте роль в командной консоли Exchange: ${command}`,
      };
      return [failed(cause, fix, one.address)];
    });
  },
};
