/** The TrueConf Server as its administrator sees it: users and their tokens, OAuth applications, quirks. */
import { z } from 'zod';
import { type ControlRoute, controlRoute } from '../control-route.ts';
import { changeQuirks, quirksChangeSchema, quirksSchema } from '../schemas/quirk-schema.ts';
import type { ControlContext } from './control-context.ts';

const tag = 'trueconf';
const idParams = z.object({ id: z.string() });
const userSchema = z.object({
  id: z.string(),
  uid: z.string(),
  email: z.string().optional(),
  displayName: z.string(),
  isActive: z.boolean(),
  status: z.int(),
});
const userChange = z.object({
  email: z.string().optional().describe('empty: the user has none'),
  displayName: z.string().optional(),
  isActive: z.boolean().optional(),
  status: z.int().min(-2).max(5).optional(),
  password: z.string().optional(),
});
const GRANTS = ['client_credentials', 'password', 'refresh_token', 'authorization_code'] as const;
const countSchema = z.object({ count: z.int() });

export function trueconfRoutes({ trueconfWorld: world }: ControlContext): readonly ControlRoute[] {
  return [
    controlRoute({
      method: 'GET',
      path: '/trueconf/users',
      operationId: 'listTrueConfUsers',
      tag,
      summary: 'Users of the TrueConf Server.',
      answer: z.object({ users: z.array(userSchema) }),
      work: () => ({ users: [...world.users.list()] }),
    }),
    controlRoute({
      method: 'POST',
      path: '/trueconf/users',
      operationId: 'createTrueConfUser',
      tag,
      summary: 'A new user; without `email` it has none.',
      body: userChange.extend({ id: z.string().min(1).max(64) }),
      answer: userSchema,
      work: ({ body }) => world.addUser(body),
    }),
    controlRoute({
      method: 'PATCH',
      path: '/trueconf/users/{id}',
      operationId: 'updateTrueConfUser',
      tag,
      summary: 'Changes a user, for example switches the account off.',
      params: idParams,
      body: userChange,
      answer: userSchema,
      work: ({ params, body }) => world.users.update(params.id, body),
    }),
    controlRoute({
      method: 'DELETE',
      path: '/trueconf/users/{id}',
      operationId: 'removeTrueConfUser',
      tag,
      summary: 'Removes a user; its tokens die.',
      params: idParams,
      work: ({ params }) => {
        const { id } = world.users.get(params.id);
        world.users.remove(id);
        world.tokens.revoke({ userId: id });
      },
    }),
    ...tokenRoutes(world),
    controlRoute({
      method: 'GET',
      path: '/trueconf/quirks',
      operationId: 'getQuirks',
      tag,
      summary: 'How the TrueConf Server behaves where real ones differ.',
      answer: quirksSchema,
      work: () => ({ ...world.quirks }),
    }),
    controlRoute({
      method: 'PATCH',
      path: '/trueconf/quirks',
      operationId: 'updateQuirks',
      tag,
      summary: 'Switches quirks; they hold from the next request on.',
      body: quirksChangeSchema,
      answer: quirksSchema,
      work: ({ body }) => {
        changeQuirks(world.quirks, body);
        return { ...world.quirks };
      },
    }),
  ];
}

type World = ControlContext['trueconfWorld'];

function tokenRoutes(world: World): readonly ControlRoute[] {
  return [
    controlRoute({
      method: 'POST',
      path: '/trueconf/users/{id}/token',
      operationId: 'issueUserToken',
      tag,
      summary: 'The access token a signed-in client of this user would hold.',
      params: idParams,
      body: z.object({ seconds: z.int().min(1).optional() }),
      bodyIsOptional: true,
      answer: z.object({ token: z.string(), server: z.string() }),
      work: ({ params, body }) => ({ token: world.userToken(params.id, body.seconds), server: world.serverId }),
    }),
    controlRoute({
      method: 'POST',
      path: '/trueconf/tokens/expire',
      operationId: 'expireTokens',
      tag,
      summary: 'Access tokens (one or all) expire now; refresh tokens stay good.',
      body: z.object({ token: z.string().optional() }),
      bodyIsOptional: true,
      answer: countSchema,
      work: ({ body }) => ({ count: world.tokens.expire(body.token) }),
    }),
    controlRoute({
      method: 'POST',
      path: '/trueconf/tokens/revoke',
      operationId: 'revokeTokens',
      tag,
      summary: 'Revokes the tokens of a user or an application, or one token.',
      body: z.union([
        z.object({ userId: z.string() }),
        z.object({ clientId: z.string() }),
        z.object({ token: z.string() }),
      ]),
      answer: countSchema,
      work: ({ body }) => ({ count: world.tokens.revoke(body) }),
    }),
    controlRoute({
      method: 'PUT',
      path: '/trueconf/applications/{id}',
      operationId: 'saveApplication',
      tag,
      summary: 'An OAuth application: its secret, grants and scopes.',
      params: idParams,
      body: z.object({
        clientSecret: z.string().optional(),
        grants: z.array(z.enum(GRANTS)).optional(),
        scopes: z.array(z.string()).optional(),
      }),
      work: ({ params, body }) => {
        const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
        world.tokens.saveApplication({ clientId: params.id, ...given });
      },
    }),
  ];
}
