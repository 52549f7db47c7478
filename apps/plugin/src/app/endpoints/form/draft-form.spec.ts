import { TestBed } from '@angular/core/testing';
import type { KeyInspectionBody } from '@remote-access/contracts';
import { PlatformCalls, type PlatformAnswer } from '../../host/platform-calls';
import type { EndpointEntry } from '../endpoint-client';
import { DraftForm } from './draft-form';

const STORED: EndpointEntry = {
  id: '3',
  name: 'Shell',
  hostname: '127.0.0.1',
  port: 22,
  protocol: 'SSH',
  credentials: {
    type: 'KEY_PAIR',
    username: 'pi',
    password: null,
    privateKey: '{cipher}stand-in',
    publicKey: 'public of stored',
    certificate: null,
    hostKey: null,
  },
};

/** A key's text identifies it: "private of A" belongs to "public of A". */
class Service implements PlatformCalls {
  readonly asked: KeyInspectionBody[] = [];

  call(_method: string, _path: string, body?: KeyInspectionBody): Promise<PlatformAnswer> {
    this.asked.push(body!);
    return Promise.resolve(inspected(body!));
  }

  basicToken(): undefined {
    return undefined;
  }

  xsrfToken(): undefined {
    return undefined;
  }

  webSocketAddress(path: string): string {
    return path;
  }
}

function inspected({ privateKey, publicKey, passphrase }: KeyInspectionBody): PlatformAnswer {
  const refuse = (code: string, message: string): PlatformAnswer => ({
    status: 422,
    body: { error: `remoteaccess/${code}`, message },
  });
  const owner = / of (\w+)$/.exec(privateKey ?? publicKey ?? '')?.[1];
  if (!owner) return refuse('invalid-key', 'Could not recognize key-pair format');
  const encrypted = Boolean(privateKey?.startsWith('locked'));
  if (encrypted && passphrase !== 'open') {
    return refuse('passphrase-needed', 'The private key is protected: enter its passphrase.');
  }
  return {
    status: 200,
    body: {
      keyPair: { sha256: owner, encrypted },
      certificate: null,
      hostKeys: [],
      normal: { publicKey: `public of ${owner}` },
    },
  };
}

const SETTLED_MS = 300;

async function settle(): Promise<void> {
  TestBed.tick();
  await jest.advanceTimersByTimeAsync(SETTLED_MS);
  TestBed.tick();
  await jest.advanceTimersByTimeAsync(SETTLED_MS);
  TestBed.tick();
}

describe('DraftForm', () => {
  let draft: DraftForm;
  let service: Service;

  beforeEach(() => {
    jest.useFakeTimers();
    service = new Service();
    TestBed.configureTestingModule({
      providers: [DraftForm, { provide: PlatformCalls, useValue: service }],
    });
    draft = TestBed.inject(DraftForm);
  });
  afterEach(() => jest.useRealTimers());

  const publicKey = (): string => draft.value().publicKey;

  describe('of a key pair', () => {
    beforeEach(() => {
      draft.start({});
      draft.form.patchValue({ credentialsType: 'KEY_PAIR' });
    });

    it('derives the public key again when the private key changes', async () => {
      draft.form.patchValue({ privateKey: 'private of A' });
      await settle();
      expect(publicKey()).toBe('public of A');
      expect(draft.keys.keyPair()).toMatchObject({ sha256: 'A' });
      draft.form.patchValue({ privateKey: 'private of B' });
      await settle();
      expect(publicKey()).toBe('public of B');
    });

    it('removes the derived public key with its private key', async () => {
      draft.form.patchValue({ privateKey: 'private of A' });
      await settle();
      draft.form.patchValue({ privateKey: '' });
      await settle();
      expect(publicKey()).toBe('');
    });

    it('keeps a public key that the user entered, and reports one of another pair', async () => {
      draft.form.patchValue({ publicKey: 'public of B', privateKey: 'private of A' });
      await settle();
      expect(publicKey()).toBe('public of B');
      expect(draft.problem('publicKey')?.text).toMatch(/does not belong/);
      draft.form.patchValue({ privateKey: 'private of B' });
      await settle();
      expect(draft.problem('publicKey')).toBeUndefined();
    });

    it('reports at once that a text is not a key', async () => {
      draft.form.patchValue({ privateKey: 'nonsense' });
      await settle();
      expect(draft.problem('privateKey')?.text).toMatch(/not a key/);
      draft.form.patchValue({ privateKey: 'private of A' });
      TestBed.tick();
      expect(draft.problem('privateKey')).toBeUndefined();
    });

    it('asks for the passphrase of an encrypted key, and reads the key with it', async () => {
      draft.form.patchValue({ privateKey: 'locked of A' });
      await settle();
      expect(draft.keys.encrypted()).toBe(true);
      expect(draft.problem('passphrase')).toBeUndefined();
      expect(draft.showProblems()).toBe(false);
      expect(draft.problem('passphrase')?.text).toMatch(/enter its passphrase/);
      draft.form.patchValue({ passphrase: 'open' });
      await settle();
      expect(draft.problem('passphrase')).toBeUndefined();
      expect(draft.keys.encrypted()).toBe(true);
      expect(publicKey()).toBe('public of A');
    });

    it('drops the problem of a text that has been replaced', async () => {
      draft.form.patchValue({ publicKey: 'nonsense' });
      await settle();
      expect(draft.problem('publicKey')).toBeDefined();
      draft.form.patchValue({ publicKey: 'public of A' });
      expect(draft.problem('publicKey')).toBeUndefined();
    });

    it('asks the service once for a key that is typed or pasted in pieces', async () => {
      for (const privateKey of ['p', 'private', 'private of A']) {
        draft.form.patchValue({ privateKey });
        TestBed.tick();
      }
      await settle();
      expect(service.asked.map(body => body.privateKey)).toEqual(['private of A']);
    });

    it('reports no problems of keys that are not shown', async () => {
      draft.form.patchValue({ privateKey: 'nonsense' });
      await settle();
      draft.form.patchValue({
        credentialsType: 'USER_PASS',
        name: 'n',
        hostname: 'h',
        username: 'u',
        password: 'p',
      });
      await settle();
      expect(draft.problems()).toEqual({});
    });
  });

  describe('of a stored endpoint', () => {
    beforeEach(async () => {
      draft.start({ stored: STORED });
      await settle();
    });

    it('is unchanged at first', () => {
      expect(draft.changed()).toBe(false);
      expect(draft.complete()).toBe(true);
      draft.form.patchValue({ name: 'Other' });
      expect(draft.changed()).toBe(true);
    });

    it('replaces the pair, and returns to the stored one', async () => {
      draft.changeSecret('privateKey');
      draft.form.patchValue({ privateKey: 'private of A' });
      await settle();
      expect(publicKey()).toBe('public of A');
      expect(draft.canKeepStored('privateKey')).toBe(true);
      draft.keepStored('privateKey');
      await settle();
      expect(publicKey()).toBe('public of stored');
      expect(draft.keepsStored('privateKey')).toBe(true);
      expect(draft.body()).not.toHaveProperty('privateKey');
    });
  });

  it('shows a problem that the service found until the field changes', () => {
    draft.start({});
    draft.form.patchValue({ name: 'n', hostname: '300.1.1.1' });
    draft.showProblems();
    draft.showServerProblems({
      hostname: { text: 'This is not a valid host name or IP address.' },
    });
    expect(draft.problem('hostname')?.text).toMatch(/not a valid host name/);
    draft.form.patchValue({ name: 'other' });
    expect(draft.problem('hostname')?.text).toMatch(/not a valid host name/);
    draft.form.patchValue({ hostname: '10.0.0.1' });
    expect(draft.problem('hostname')).toBeUndefined();
  });

  it('changes the default port with the protocol, and keeps a chosen one', () => {
    draft.start({});
    draft.form.patchValue({ protocol: 'VNC' });
    draft.protocolChosen('SSH');
    expect(draft.value()).toMatchObject({ port: '5900', credentialsType: 'NONE' });
    draft.form.patchValue({ port: '5901' });
    draft.form.patchValue({ protocol: 'SSH' });
    draft.protocolChosen('VNC');
    expect(draft.value()).toMatchObject({ port: '5901', credentialsType: 'USER_PASS' });
  });

  it('shows the problem of a field after the user has left it', () => {
    draft.start({});
    expect(draft.problem('name')).toBeUndefined();
    draft.form.controls.name.markAsTouched();
    expect(draft.problem('name')?.text).toBe('Enter a name.');
  });
});
