/** Token endpoints of both versions and the browser's authorise page. JSON and form bodies. Source: facts/trueconf.md §2.2. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { TrueConfRefusal } from '../world/refusal.ts';
import type { GrantType, IssuedTokens, OAuthApplication } from '../world/token-store.ts';
import type { TrueConfWorld } from '../world/trueconf-world.ts';
import { sendApiError, sendOAuthError } from './api-errors.ts';
import { type Fields, fieldsOf, stringField } from './body-fields.ts';

const GRANTS: readonly GrantType[] = ['client_credentials', 'password', 'refresh_token', 'authorization_code'];

export function serveOAuth(app: FastifyInstance, world: TrueConfWorld): void {
  app.post('/oauth2/v1/token', { config: { operation: 'token', apiVersion: 'v3.11' } }, (request, reply) =>
    token(world, 'v3', request.body, reply),
  );
  app.post('/api/v4/oauth2/token', { config: { operation: 'token', apiVersion: 'v4' } }, (request, reply) => {
    if (world.quirks.versions.v4) return token(world, 'v4', request.body, reply);
    sendApiError(reply, 'v4', new TrueConfRefusal('routeNotFound', 'Route is not found.', '', 'path'), world.quirks);
    return reply;
  });
  app.get('/oauth2/authorize', { config: { operation: 'authorize' } }, (request, reply) =>
    authorizePage(world, request.query as Record<string, string>, reply),
  );
}

type Family = 'v3' | 'v4';
type Refuse = (error: Parameters<typeof sendOAuthError>[2], description: string) => FastifyReply;

function token(world: TrueConfWorld, family: Family, body: unknown, reply: FastifyReply): FastifyReply {
  const refuse: Refuse = (error, description) => {
    sendOAuthError(reply, world.quirks, error, description);
    return reply;
  };
  let fields: Fields;
  try {
    fields = fieldsOf(typeof body === 'string' ? undefined : body);
  } catch {
    return refuse('invalid_request', 'The body must be JSON or a form.');
  }
  const application = world.tokens.findApplication(textOf(fields, 'client_id'));
  if (!application || (application.clientSecret ?? '') !== textOf(fields, 'client_secret')) {
    return refuse('invalid_client', 'The client credentials are invalid');
  }
  const grant = GRANTS.find((known) => known === textOf(fields, 'grant_type'));
  if (!grant) return refuse('unsupported_grant_type', `Grant type "${textOf(fields, 'grant_type')}" not supported`);
  if (!application.grants.includes(grant)) {
    return refuse('unauthorized_client', 'The grant type is unauthorized for this client_id');
  }
  const issued = redeem(world, family, grant, application, fields);
  if (typeof issued === 'string') return refuse('invalid_grant', issued);
  return reply
    .type('application/json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(write(world, family, issued)));
}

/** The tokens, or the sentence that refuses them. */
function redeem(
  world: TrueConfWorld,
  family: Family,
  grant: GrantType,
  application: OAuthApplication,
  fields: Fields,
): IssuedTokens | string {
  const { clientId } = application;
  const seconds = world.quirks.accessTokenSeconds[family];
  const refreshSeconds = application.grants.includes('refresh_token') ? world.quirks.refreshTokenSeconds : undefined;
  switch (grant) {
    case 'client_credentials':
      return world.tokens.issue({ clientId, seconds });
    case 'password': {
      const user = world.users.find(textOf(fields, 'username'));
      if (!user?.isActive || user.password !== textOf(fields, 'password'))
        return 'Invalid username and password combination';
      return world.tokens.issue({ clientId, userId: user.id, seconds, refreshSeconds });
    }
    case 'refresh_token': {
      const record = world.tokens.redeemRefreshToken(textOf(fields, 'refresh_token'), clientId);
      if (!record || world.users.find(record.userId)?.isActive !== true) return 'Invalid refresh token';
      return world.tokens.issue({ clientId, userId: record.userId, scopes: record.scopes, seconds, refreshSeconds });
    }
    case 'authorization_code': {
      const record = world.tokens.redeemCode(codeOf(world, family, fields), clientId);
      if (!record) return "Authorization code doesn't exist or is invalid for the client";
      return world.tokens.issue({ clientId, userId: record.userId, scopes: record.scopes, seconds, refreshSeconds });
    }
  }
}

/** v3 reads `code`; v4 reads `auth_code` although its description says `code`. */
function codeOf(world: TrueConfWorld, family: Family, fields: Fields): string {
  if (family === 'v3') return textOf(fields, 'code');
  const code = textOf(fields, 'auth_code');
  return code === '' && world.quirks.v4CodeField === 'any' ? textOf(fields, 'code') : code;
}

function write(world: TrueConfWorld, family: Family, issued: IssuedTokens): Readonly<Record<string, unknown>> {
  const { access, refreshToken } = issued;
  const refresh = refreshToken === undefined ? {} : { refresh_token: refreshToken };
  const expires_in = world.quirks.accessTokenSeconds[family];
  if (family === 'v3') {
    return { access_token: access.token, expires_in, token_type: 'Bearer', scope: access.scopes.join(' '), ...refresh };
  }
  const user = access.userId === undefined ? undefined : world.users.find(access.userId);
  const owner = user ? { user_id: user.id, display_name: user.displayName } : {};
  return { access_token: access.token, expires_in, ...refresh, ...owner };
}

/** No login form here: the user signs in by being named (`user`), else the first one does. Neither `state` nor PKCE exist. */
function authorizePage(world: TrueConfWorld, query: Record<string, string>, reply: FastifyReply): FastifyReply {
  const application = world.tokens.findApplication(query.client_id ?? '');
  const user = query.user === undefined ? world.users.list()[0] : world.users.find(query.user);
  const back = URL.parse(query.redirect_uri ?? '');
  const isAllowed = application?.grants.includes('authorization_code') === true;
  if (!isAllowed || !user?.isActive || !back || !/^https?:$/.test(back.protocol) || query.response_type !== 'code') {
    return reply.code(400).type('text/html').send('<html><body><h1>400 Bad Request</h1></body></html>');
  }
  const seconds = world.quirks.authorizationCodeSeconds;
  back.searchParams.set('code', world.tokens.issueCode(application.clientId, user.id, seconds));
  return reply.redirect(back.href, 302);
}

function textOf(fields: Fields, name: string): string {
  try {
    return stringField(fields, name) ?? '';
  } catch {
    return '';
  }
}
