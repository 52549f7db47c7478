import { randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { CliError } from '../cli-error.mjs';

/** Longer than a platform under load needs. */
const ANSWER_TIMEOUT_MS = 60_000;

/** The platform needs a while to unpack an image after the last byte. */
const UPLOAD_TIMEOUT_MS = 600_000;

const CHUNK_BYTES = 256 * 1024;

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/**
 * @typedef {object} Answer
 * @property {number} status 0 if no response arrived
 * @property {any} json `undefined` unless the body is JSON
 */

/** The connection broke, or the tenant took too long. It may have handled the request. */
export class NoAnswer extends CliError {}

/** The REST API of a tenant, with the caller's credentials. */
export class Platform {
  /** Changes made so far by this run, for the report of an error. @type {string[]} */
  changes = [];
  /** @type {import('node:http').ClientRequest | undefined} */
  #running;
  /** Thrown once. @type {CliError | undefined} */
  #interruption;

  /**
   * @param {URL} url
   * @param {string} authorization
   */
  constructor(url, authorization) {
    this.url = url;
    this.authorization = authorization;
  }

  /**
   * Makes the current request fail, or else the next one. What follows is the same as after any other
   * failure, so what has been begun is undone or reported.
   */
  interrupt() {
    this.#interruption = new CliError('Interrupted. Run the same command again to finish.');
    this.#running?.destroy();
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<Answer>}
   * @throws {CliError} if no response arrived, or the credentials are not accepted
   */
  async call(method, path, body) {
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      Accept: 'application/json',
      ...(text && { 'Content-Type': 'application/json', 'Content-Length': String(text.length) }),
    };
    return this.#exchange(
      method,
      path,
      headers,
      ANSWER_TIMEOUT_MS,
      async sent => void sent.end(text),
    );
  }

  /**
   * Like {@link call}, for requests that must succeed.
   *
   * @param {string} what the step, for the error
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   */
  async require(what, method, path, body) {
    const answer = await this.call(method, path, body);
    if (answer.status >= 200 && answer.status < 300) return answer.json;
    throw new CliError(`${what} failed: ${reasonOf(answer)}`);
  }

  /**
   * Every item of a list.
   *
   * @param {string} what
   * @param {string} path with a query
   * @param {string} property of the answer
   * @returns {Promise<any[]>}
   */
  async list(what, path, property) {
    const items = [];
    for (let page = 1; page <= 1000; page += 1) {
      const json = await this.require(what, 'GET', `${path}&pageSize=100&currentPage=${page}`);
      const found = json?.[property];
      if (!Array.isArray(found)) throw new CliError(`${what} failed: the answer has no list.`);
      items.push(...found);
      if (found.length < 100) break;
    }
    return items;
  }

  /**
   * Uploads a file as a form.
   *
   * @param {string} path
   * @param {{ field: string, name: string, data: Uint8Array }} file
   * @param {Readonly<Record<string, unknown>>} fields sent as JSON
   * @param {(sentBytes: number) => void} onProgress
   * @returns {Promise<Answer>}
   */
  async upload(path, file, fields, onProgress) {
    const boundary = `----${randomBytes(16).toString('hex')}`;
    const part = (/** @type {string} */ disposition, /** @type {string} */ type) =>
      `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\nContent-Type: ${type}\r\n\r\n`;
    const before = Buffer.from(
      Object.entries(fields)
        .map(([name, value]) => {
          return `${part(`name="${name}"`, 'application/json')}${JSON.stringify(value)}\r\n`;
        })
        .join('') + part(`name="${file.field}"; filename="${file.name}"`, 'application/zip'),
    );
    const after = Buffer.from(`\r\n--${boundary}--\r\n`);
    const length = before.length + file.data.length + after.length;
    const headers = {
      Accept: 'application/json',
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': String(length),
    };
    return this.#exchange('POST', path, headers, UPLOAD_TIMEOUT_MS, async sent => {
      sent.write(before);
      for (let at = 0; at < file.data.length && !sent.destroyed; at += CHUNK_BYTES) {
        const more = sent.write(file.data.subarray(at, at + CHUNK_BYTES));
        onProgress(Math.min(at + CHUNK_BYTES, file.data.length));
        if (!more) await drained(sent);
      }
      sent.end(after);
    });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, string>} headers
   * @param {number} timeoutMs
   * @param {(sent: import('node:http').ClientRequest) => Promise<void>} send
   * @returns {Promise<Answer>}
   */
  async #exchange(method, path, headers, timeoutMs, send) {
    const request = this.url.protocol === 'https:' ? requestHttps : requestHttp;
    const interruption = this.#takeInterruption();
    if (interruption) throw interruption;
    const answer = await new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.url), {
        method,
        headers: { ...headers, Authorization: this.authorization },
        agent: false,
      });
      this.#running = sent;
      const deadline = setTimeout(
        () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      let isAnswered = false;
      sent.on('response', response => {
        isAnswered = true;
        collect(response).then(
          text => {
            clearTimeout(deadline);
            resolve({ status: response.statusCode ?? 0, json: parsed(text) });
            // An upload that was refused early is aborted.
            sent.destroy();
          },
          error => reject(this.#unreachable(error)),
        );
      });
      sent.on('error', error => {
        clearTimeout(deadline);
        if (!isAnswered) reject(this.#unreachable(error));
      });
      send(sent).catch(reject);
    });
    if (answer.status === 401) {
      throw new CliError(
        this.changes.length > 0
          ? `The credentials are no longer accepted; the token may have expired. Sign in again and run the same command.`
          : `${this.url.origin} does not accept the credentials. Check user and password, or get a new token.`,
      );
    }
    return answer;
  }

  #takeInterruption() {
    const interruption = this.#interruption;
    this.#interruption = undefined;
    return interruption;
  }

  /** @param {NodeJS.ErrnoException} error */
  #unreachable(error) {
    const interruption = this.#takeInterruption();
    if (interruption) return interruption;
    const { code = '', message } = error;
    if (/CERT|SELF_SIGNED|VERIFY|ERR_TLS/.test(code)) {
      return new CliError(
        `The certificate of ${this.url.host} cannot be verified (${code}), so nothing was sent. ` +
          'If your organisation has its own CA, set NODE_EXTRA_CA_CERTS to its certificate.',
      );
    }
    const reason =
      code === 'ECONNRESET' || code === 'EPIPE' ? 'the connection was cut' : message || code;
    return new NoAnswer(`${this.url.host} did not answer: ${reason}. Run the same command again.`);
  }
}

/**
 * @param {Answer} answer
 * @returns {string} one sentence
 */
export function reasonOf({ status, json }) {
  const message = typeof json?.message === 'string' ? json.message : '';
  const end = /[.!?]$/.test(message) || message === '' ? '' : '.';
  switch (status) {
    case 403:
      return `the user lacks a permission (403). ${message}${end}`.trim();
    case 413:
    case 507:
      return `the tenant's quota is used up, or the archive is too large (${status}). Free some space or ask for more. ${message}${end}`.trim();
    case 429:
      return 'the tenant receives too many requests (429). Wait a minute and run the command again.';
    default:
      return `the platform answered ${status}. ${message}${end}`.trim();
  }
}

/** @param {import('node:http').ClientRequest} sent */
function drained(sent) {
  return /** @type {Promise<void>} */ (
    new Promise(resolve => {
      const settle = () => {
        sent.off('drain', settle).off('close', settle);
        resolve();
      };
      sent.once('drain', settle).once('close', settle);
    })
  );
}

/** @param {import('node:http').IncomingMessage} response */
async function collect(response) {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
    if (text.length > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
  }
  return text;
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
