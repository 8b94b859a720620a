/** The registration office: keys, licences, revocation, offline replies. */
import { z } from 'zod';
import { EDITIONS } from '../../registration/registration-protocol.ts';
import { ControlRefusal, type ControlRoute, controlRoute } from '../control-route.ts';
import { instantOf, momentOf, momentOutSchema, momentSchema } from '../schemas/moments.ts';
import { type ControlContext, getRegistration } from './control-context.ts';

const tag = 'registration';
const edition = z.enum(EDITIONS);
const idParams = z.object({ id: z.string().describe('licence id or registration key') });
const keySchema = z.object({
  key: z.string(),
  edition,
  accounts: z.int(),
  servers: z.array(z.string()),
  expiresAt: momentOutSchema,
  isRevoked: z.boolean(),
});
const licenceSchema = keySchema.extend({
  licenceId: z.string(),
  installationId: z.string(),
  issuedAt: momentOutSchema,
  lastLeaseAt: momentOutSchema.optional(),
});

export function registrationRoutes(context: ControlContext): readonly ControlRoute[] {
  const registrar = () => getRegistration(context).registrar;
  const demand = (found: boolean, id: string): void => {
    if (!found) throw new ControlRefusal(404, 'notFound', `There is no licence or key '${id}'.`);
  };
  return [
    controlRoute({
      method: 'GET',
      path: '/registration/keys',
      operationId: 'listKeys',
      tag,
      summary: 'Registration keys.',
      answer: z.object({ keys: z.array(keySchema) }),
      work: () => ({
        keys: registrar()
          .listKeys()
          .map((one) => ({ ...one, servers: [...one.servers], expiresAt: momentOf(one.expiresAt) })),
      }),
    }),
    controlRoute({
      method: 'PUT',
      path: '/registration/keys/{id}',
      operationId: 'saveKey',
      tag,
      summary: 'Adds or changes a key.',
      params: z.object({ id: z.string() }),
      body: z.object({
        edition,
        accounts: z.int().min(1).optional(),
        servers: z.array(z.string()).optional(),
        expiresAt: momentSchema.optional(),
      }),
      answer: keySchema,
      work: ({ params, body }) => {
        const { accounts, servers, expiresAt } = body;
        const saved = registrar().saveKey({
          key: params.id,
          edition: body.edition,
          ...(accounts === undefined ? {} : { accounts }),
          ...(servers === undefined ? {} : { servers }),
          ...(expiresAt === undefined ? {} : { expiresAt: instantOf(expiresAt) }),
        });
        return { ...saved, servers: [...saved.servers], expiresAt: momentOf(saved.expiresAt) };
      },
    }),
    controlRoute({
      method: 'GET',
      path: '/registration/licences',
      operationId: 'listLicences',
      tag,
      summary: 'Licences handed out.',
      answer: z.object({ licences: z.array(licenceSchema) }),
      work: () => ({
        licences: registrar()
          .listLicences()
          .map((one) => ({
            ...one,
            servers: [...one.servers],
            expiresAt: momentOf(one.expiresAt),
            issuedAt: momentOf(one.issuedAt),
            lastLeaseAt: one.lastLeaseAt === undefined ? undefined : momentOf(one.lastLeaseAt),
          })),
      }),
    }),
    controlRoute({
      method: 'POST',
      path: '/registration/licences/{id}/revoke',
      operationId: 'revokeLicence',
      tag,
      summary: 'Revokes a licence with its key: no lease any more.',
      params: idParams,
      work: ({ params }) => demand(registrar().revoke(params.id), params.id),
    }),
    controlRoute({
      method: 'POST',
      path: '/registration/licences/{id}/release',
      operationId: 'releaseLicence',
      tag,
      summary: 'Frees the key for another installation.',
      params: idParams,
      work: ({ params }) => demand(registrar().release(params.id), params.id),
    }),
    controlRoute({
      method: 'POST',
      path: '/registration/offline',
      operationId: 'replyOffline',
      tag,
      summary: 'What the manager does: from the text of regoffline.crg to the text of regoffline2.crg.',
      body: z.object({ request: z.string() }),
      answer: z.object({ reply: z.string() }),
      work: async ({ body }) => ({ reply: await registrar().replyOffline(body.request) }),
    }),
    controlRoute({
      method: 'GET',
      path: '/registration/issuer',
      operationId: 'getIssuer',
      tag,
      summary: 'Public key of the issuer as JWK: save it to a file and name that in `registration.issuerKeyFile`.',
      answer: z.record(z.string(), z.unknown()),
      work: () => ({ ...getRegistration(context).issuerPublicJwk }),
    }),
  ];
}
