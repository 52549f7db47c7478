import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { parseClientMessage, parseServerMessage } from '@remote-access/contracts';
import { Stack } from '../fixtures/stack';

interface Contract {
  readonly routes: Record<string, { body: string | null; answers: Record<string, string | null> }>;
  readonly schemas: Record<string, { properties: string[]; required: string[] }>;
}

const ROOT = join(__dirname, '..', '..');

/** What the service of the previous release offered, taken from its own description. */
const PREVIOUS = JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/api-of-0.1.0.json'), 'utf8'),
) as Contract;

/** What a page of the previous release sends. */
const CLIENT_MESSAGES = [
  { type: 'resize', cols: 80, rows: 24 },
  { type: 'disconnect' },
  { type: 'flow', state: 'hold' },
  { type: 'ack', bytes: 1024 },
  { type: 'ping', id: 1 },
  { type: 'break' },
  { type: 'answers', id: 1, answers: ['x'] },
  { type: 'host-key-answer', answer: 'once' },
];

/** What a service of the previous release sends. */
const SERVER_MESSAGES = [
  { type: 'status', step: 'operation-created', elapsedMs: 10, operationId: '1' },
  {
    type: 'host-key',
    keyType: 'ssh-ed25519',
    sha256: 'SHA256:x',
    md5: 'MD5:y',
    state: 'new',
    randomart: '',
    question: true,
  },
  {
    type: 'prompt',
    id: 1,
    title: '',
    instructions: '',
    prompts: [{ text: 'Password: ', echo: false }],
  },
  { type: 'pong', id: 1 },
  { type: 'error', code: 'connect-timeout', text: 'No answer.', hint: 'Look there.' },
  { type: 'ended', by: 'client', code: 'normal', text: 'Ended.', outputBytes: 0 },
];

/** Requests that the previous service answers with 404, which the page must tolerate. */
const NEWER_CALLS: readonly RegExp[] = [];

describe('the plugin of the previous release', () => {
  let stack: Stack;
  let document: OpenAPIObject;

  beforeAll(async () => {
    stack = await Stack.start({ agent: false });
    const address = `${stack.emulator.url}/service/remoteaccess/openapi.json`;
    document = (await (await fetch(address)).json()) as OpenAPIObject;
  });
  afterAll(() => stack.stop());

  const schema = (name: string) =>
    document.components!.schemas![name] as {
      properties?: Record<string, unknown>;
      required?: string[];
    };

  it.each(Object.keys(PREVIOUS.routes))('finds %s', route => {
    const [method = '', path = ''] = route.split(' ');
    const item = document.paths[path] as Record<string, { responses: object }> | undefined;
    const operation = item?.[method.toLowerCase()];
    const answers = Object.keys(PREVIOUS.routes[route]!.answers);
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(answers));
  });

  const bodies = [...new Set(Object.values(PREVIOUS.routes).map(({ body }) => body))];

  it.each(bodies.filter(name => name !== null && name in PREVIOUS.schemas))(
    'may send %s as before: nothing more is required',
    name => {
      const { required = [], properties = {} } = schema(name!);
      const before = PREVIOUS.schemas[name!]!;
      expect(required.filter(field => !before.required.includes(field))).toEqual([]);
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(before.properties));
    },
  );

  const answered = Object.keys(PREVIOUS.schemas).filter(name => !/Body$|Patch$/.test(name));

  it.each(answered)('reads %s as before: nothing was removed', name => {
    const { required = [], properties = {} } = schema(name);
    const before = PREVIOUS.schemas[name]!;
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(before.properties));
    expect(required).toEqual(expect.arrayContaining(before.required));
  });

  it.each(CLIENT_MESSAGES)('is understood when it sends $type', message => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual(message);
  });
});

describe('the plugin, with the service of the previous release', () => {
  it.each(SERVER_MESSAGES)('understands $type', message => {
    expect(parseServerMessage(JSON.stringify(message))).toMatchObject(message);
  });

  it('requests nothing that the service did not have', () => {
    const sources = readdirSync(join(ROOT, 'apps/plugin/src/app'), { recursive: true })
      .map(String)
      .filter(path => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
      .map(path => readFileSync(join(ROOT, 'apps/plugin/src/app', path), 'utf8'));
    const called = sources.flatMap(text =>
      [...text.matchAll(/[`']\/service\/remoteaccess(\/[^`'?…]*)[`'?]/g)].map(
        ([, path = '']) => path,
      ),
    );
    expect(called.length).toBeGreaterThan(4);
    const paths = Object.keys(PREVIOUS.routes).map(route => route.split(' ')[1]!);
    const isKnown = (path: string): boolean => {
      const form = path.replace(/\$\{[^}]*\}/g, '{}').replace(/\/$/, '');
      return paths.some(one => one.replace(/\{[^}]*\}/g, '{}').startsWith(form));
    };
    const isNewer = (path: string): boolean => NEWER_CALLS.some(form => form.test(path));
    expect(called.filter(path => !isKnown(path) && !isNewer(path))).toEqual([]);
  });
});
