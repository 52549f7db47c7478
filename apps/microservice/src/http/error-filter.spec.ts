import { NotFoundException, type ArgumentsHost } from '@nestjs/common';
import { RemoteAccessError } from '@remote-access/contracts';
import { withCorrelationId } from '../logging/correlation';
import { ErrorFilter } from './error-filter';
import { Log } from '../logging/log';
import { Metrics } from '../metrics/metrics';

const lines: string[] = [];
let stdout: jest.SpyInstance;
beforeEach(() => {
  lines.length = 0;
  stdout = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation(line => lines.push(String(line)) > 0);
});
afterEach(() => stdout.mockRestore());

function answerTo(thrown: unknown): { status: number; body: Record<string, string>; id: string } {
  const answer = { status: 0, body: {}, id: '' };
  const response = {
    headersSent: false,
    status(status: number) {
      answer.status = status;
      return this;
    },
    json: (body: object) => (answer.body = body),
  };
  const host = {
    switchToHttp: () => ({ getRequest: () => ({ headers: {} }), getResponse: () => response }),
  };
  withCorrelationId(id => {
    answer.id = id;
    const filter = new ErrorFilter(new Log({ logLevel: 'info' }), new Metrics());
    filter.catch(thrown, host as unknown as ArgumentsHost);
  });
  return answer;
}

describe('a failed request', () => {
  it('is answered with the code, text and hint from the catalogue', () => {
    const error = new RemoteAccessError('forbidden', { detail: 'You need more.' });
    expect(answerTo(error)).toMatchObject({
      status: 403,
      body: {
        error: 'remoteaccess/forbidden',
        message: 'You need more.',
        info: 'The detail names the missing roles.',
      },
    });
    expect(lines).toEqual([]);
  });

  it.each([
    [new NotFoundException('Cannot GET /x?token=abc'), 404, 'not-found'],
    [Object.assign(new SyntaxError('Unexpected token'), { status: 400 }), 400, 'malformed-request'],
    [Object.assign(new Error('too big'), { status: 413 }), 413, 'payload-too-large'],
    [Object.assign(new Error('charset'), { status: 415 }), 415, 'unsupported-media-type'],
    [Object.assign(new Error('teapot'), { status: 418 }), 500, 'internal'],
    ['a thrown text', 500, 'internal'],
    [undefined, 500, 'internal'],
  ])('that the framework refuses gets an error of the catalogue, %#', (thrown, status, code) => {
    const answer = answerTo(thrown);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toBe(`remoteaccess/${code}`);
    expect(JSON.stringify(answer.body)).not.toMatch(
      /token=|Unexpected token|charset|teapot|thrown text/,
    );
  });

  it('caused by a gateway or target is not logged as an error', () => {
    const error = new RemoteAccessError('gateway-refused', { detail: 'No route.' });
    expect(answerTo(error).status).toBe(502);
    expect(lines.map(line => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', code: 'gateway-refused', reason: 'No route.' },
    ]);
  });

  it('with an unexpected error reveals nothing and is logged with its correlation id', () => {
    const { body, id } = answerTo(new TypeError('password hunter2 of undefined'));
    expect(JSON.stringify(body)).not.toMatch(/hunter2|TypeError|at /);
    expect(body['info']).toContain(id);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      correlationId: id,
      cause: expect.stringContaining('TypeError'),
    });
  });
});
