import { randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { URLSearchParams } from 'node:url';

/** Longer than a platform under load needs; a check must not hang. */
const ANSWER_TIMEOUT_MS = 20_000;

/** The largest response that is read; lists are requested in small pages. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {any} json `undefined` unless the body is JSON
 */

/** @typedef {'none' | 'basic' | 'cookie' | 'bearer'} SignIn */

/**
 * @typedef {object} CallOptions
 * @property {SignIn} [as] default: the sign-in that the tenant accepts
 * @property {unknown} [body] sent as JSON; a URLSearchParams as a form
 * @property {Readonly<Record<string, string>>} [headers]
 */

/** @typedef {(socket: import('node:stream').Duplex, head: Buffer) => void} UseSocket */

/** @typedef {{ tenant: string, user: string, password: string }} Credentials */

/** The tenant under test, as seen by one user. */
export class Tenant {
  /** How requests are signed in by default. @type {SignIn} */
  signIn = 'basic';
  /** From the cookies of a sign-in. */
  cookie = '';
  xsrfToken = '';
  accessToken = '';
  /** The number of responses so far, by status. @type {Map<number, number>} */
  statuses = new Map();
  /** Number of responses with status 429 but without `Retry-After`. */
  silentRefusals = 0;
  /** Response headers about rate limits. @type {Set<string>} */
  limitHeaders = new Set();
  /** A session to open and to keep open. @type {{ path: string, seconds: number } | undefined} */
  session = undefined;

  /**
   * @param {URL} url
   * @param {Credentials} credentials
   * @param {import('./redaction.mjs').Redaction} redaction receives every secret that occurs
   */
  constructor(url, credentials, redaction) {
    this.url = url;
    this.credentials = credentials;
    this.redaction = redaction;
    redaction.hideSecret('password', credentials.password);
    redaction.hideSecret('credentials', this.#userAndPassword());
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {CallOptions} [options]
   * @returns {Promise<Answer>}
   */
  async call(method, path, { as = this.signIn, body, headers } = {}) {
    const isForm = body instanceof URLSearchParams;
    const text = body === undefined || isForm ? body?.toString() : JSON.stringify(body);
    return this.#exchange(method, path, text, {
      Accept: 'application/json',
      ...(text !== undefined && {
        'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        'Content-Length': String(Buffer.byteLength(text)),
      }),
      ...this.#headersOf(as, method),
      ...headers,
    });
  }

  /**
   * Requests a WebSocket.
   *
   * @param {string} path
   * @param {CallOptions} [options]
   * @param {UseSocket} [use] takes it over if it opens; by default it is closed immediately
   */
  async upgrade(path, { as = this.signIn, headers } = {}, use = socket => socket.destroy()) {
    const target = new URL(path, this.url);
    // A page cannot set headers on a WebSocket.
    if (as === 'cookie') target.searchParams.set('XSRF-TOKEN', this.xsrfToken);
    const sent = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      ...(as === 'cookie' ? { Cookie: this.cookie } : this.#headersOf(as, 'GET')),
      ...headers,
    };
    return this.#exchange('GET', target.pathname + target.search, undefined, sent, use);
  }

  /** Signs in with a form, as browsers do (OAI-Secure), and stores the cookies. */
  async signInByCookie() {
    const { tenant } = this.credentials;
    const answer = await this.#signIn(`/tenant/oauth?tenant_id=${encodeURIComponent(tenant)}`);
    const cookies = (answer.headers['set-cookie'] ?? []).map(cookie => cookie.split(';', 1)[0]);
    const valueOf = (/** @type {string} */ name) =>
      cookies.find(cookie => cookie?.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    this.cookie = cookies.join('; ');
    this.xsrfToken = valueOf('XSRF-TOKEN');
    this.redaction.hideSecret('cookie', valueOf('authorization'));
    this.redaction.hideSecret('xsrf token', this.xsrfToken);
    return answer;
  }

  /** Signs in for a token and stores it. */
  async signInForToken() {
    const { tenant } = this.credentials;
    const answer = await this.#signIn(
      `/tenant/oauth/token?tenant_id=${encodeURIComponent(tenant)}`,
    );
    this.accessToken = String(answer.json?.access_token ?? '');
    this.redaction.hideSecret('token', this.accessToken);
    return answer;
  }

  /** @param {string} path */
  #signIn(path) {
    const { user, password } = this.credentials;
    const body = new URLSearchParams({ grant_type: 'PASSWORD', username: user, password });
    return this.call('POST', path, { as: 'none', body });
  }

  #userAndPassword() {
    const { tenant, user, password } = this.credentials;
    return `${tenant}/${user}:${password}`;
  }

  /**
   * @param {SignIn} as
   * @param {string} method
   * @returns {Record<string, string>}
   */
  #headersOf(as, method) {
    switch (as) {
      case 'none':
        return {};
      case 'basic':
        return {
          Authorization: `Basic ${Buffer.from(this.#userAndPassword()).toString('base64')}`,
        };
      case 'bearer':
        return { Authorization: `Bearer ${this.accessToken}` };
      case 'cookie':
        return { Cookie: this.cookie, 'X-XSRF-TOKEN': this.xsrfToken };
      default:
        throw new Error(`No such sign-in for ${method}: ${as}`);
    }
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {string | undefined} body
   * @param {Record<string, string>} headers
   * @param {UseSocket} [use]
   * @returns {Promise<Answer>}
   */
  #exchange(method, path, body, headers, use) {
    const request = this.url.protocol === 'https:' ? requestHttps : requestHttp;
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.url), { method, headers, agent: false });
      const deadline = setTimeout(
        () => sent.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
        ANSWER_TIMEOUT_MS,
      );
      const settle = (/** @type {import('node:http').IncomingMessage} */ answer, text = '') => {
        clearTimeout(deadline);
        resolve(this.#note({ ...statusAndHeaders(answer), json: parsed(text) }));
      };
      sent.on('upgrade', (answer, socket, head) => {
        socket.on('error', () => socket.destroy());
        use?.(socket, head);
        settle(answer);
      });
      sent.on('response', answer => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', chunk => {
          text += chunk;
          if (text.length > MAX_ANSWER_BYTES) sent.destroy(new Error('the answer is too large'));
        });
        answer.on('error', reject);
        answer.on('end', () => settle(answer, text));
      });
      sent.on('error', error => {
        clearTimeout(deadline);
        reject(error);
      });
      sent.end(body);
    });
  }

  /** @param {Answer} answer */
  #note(answer) {
    const { status, headers } = answer;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (status === 429 && headers['retry-after'] === undefined) this.silentRefusals += 1;
    for (const name of Object.keys(headers)) {
      if (/retry-after|rate-?limit/i.test(name)) this.limitHeaders.add(name);
    }
    return answer;
  }
}

/** @param {import('node:http').IncomingMessage} answer */
function statusAndHeaders({ statusCode = 0, headers }) {
  return { status: statusCode, headers };
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    // HTML pages and empty responses.
    return undefined;
  }
}
