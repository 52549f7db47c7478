import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@remote-access/settings';
import { signInWithPassword } from './password-sign-in';

const HOUR_SECONDS = 3_600;

describe('a sign-in with a password', () => {
  let server: Server;
  let claims: object;
  const tokenOf = (payload: object): string =>
    ['header', Buffer.from(JSON.stringify(payload)).toString('base64url'), 'signature'].join('.');
  const nowSeconds = (): number => Math.floor(Date.now() / 1000);

  beforeEach(async () => {
    server = createServer((request, response) => {
      const answer = request.url!.startsWith('/tenant/loginOptions')
        ? { loginOptions: [{ type: 'OAUTH2_INTERNAL', initRequest: '/?tenant_id=t1' }] }
        : { access_token: tokenOf(claims) };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  /** How long it holds by this machine's clock, in seconds, rounded to minutes. */
  const lifetime = async (): Promise<number | undefined> => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const profile = { url, user: 'engineer' };
    const signIn = signInWithPassword(profile, new Secret('p'), () => Promise.resolve(''));
    const { expiresAt, header } = await signIn;
    expect(header.reveal()).toBe(`Bearer ${tokenOf(claims)}`);
    return expiresAt && Math.round((expiresAt.getTime() - Date.now()) / 60_000) * 60;
  };

  it.each([
    ['agrees with', 0],
    ['is two hours behind', -2 * HOUR_SECONDS],
    ['is two hours ahead of', 2 * HOUR_SECONDS],
  ])('holds as long as its token if the platform %s this machine', async (_how, shift) => {
    const iat = nowSeconds() + shift;
    claims = { iat, exp: iat + HOUR_SECONDS };
    expect(await lifetime()).toBe(HOUR_SECONDS);
  });

  it.each([
    ['without a time of issue', () => ({ exp: nowSeconds() + HOUR_SECONDS }), HOUR_SECONDS],
    ['without times', () => ({}), undefined],
    ['with times that are no numbers', () => ({ iat: 'x', exp: '1' }), undefined],
  ])('accepts a token %s', async (_what, payload, expected) => {
    claims = payload();
    expect(await lifetime()).toBe(expected);
  });
});
