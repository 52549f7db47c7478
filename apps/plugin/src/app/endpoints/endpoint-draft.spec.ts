import type { Endpoint } from '@remote-access/contracts';
import { EndpointDraft, type DraftValue } from './endpoint-draft';

const STORED: Endpoint = {
  id: '3',
  name: 'Gateway shell',
  hostname: '127.0.0.1',
  port: 22,
  protocol: 'SSH',
  credentials: {
    type: 'USER_PASS',
    username: 'pi',
    password: '{cipher}stand-in',
    privateKey: null,
    publicKey: null,
    certificate: null,
    hostKey: null,
  },
};

function written(draft: EndpointDraft, change: Partial<DraftValue> = {}): DraftValue {
  return { ...draft.start(), ...change };
}

const COMPLETE: Partial<DraftValue> = {
  name: ' Shell ',
  hostname: ' 10.0.0.5 ',
  username: 'pi',
  password: ' with spaces ',
};

describe('EndpointDraft of a new endpoint', () => {
  const draft = new EndpointDraft();

  it('starts with SSH on port 22 and username and password', () => {
    expect(draft.start()).toMatchObject({
      protocol: 'SSH',
      port: '22',
      credentialsType: 'USER_PASS',
    });
  });

  it('has no default port for passthrough', () => {
    expect(draft.start('PASSTHROUGH')).toMatchObject({ port: '', credentialsType: 'NONE' });
  });

  it('asks for everything that is mandatory', () => {
    expect(Object.keys(draft.problems(written(draft)))).toEqual([
      'name',
      'hostname',
      'username',
      'password',
    ]);
  });

  it('trims what people paste, but never a password', () => {
    expect(draft.body(written(draft, COMPLETE))).toEqual({
      name: 'Shell',
      hostname: '10.0.0.5',
      port: 22,
      protocol: 'SSH',
      credentialsType: 'USER_PASS',
      username: 'pi',
      password: ' with spaces ',
    });
  });

  it('accepts a password that is only spaces', () => {
    expect(draft.problems(written(draft, { ...COMPLETE, password: ' ' }))).toEqual({});
  });

  it('sends only what the way to sign in has', () => {
    const body = draft.body(written(draft, { ...COMPLETE, privateKey: 'left over' }));
    expect(body).not.toHaveProperty('privateKey');
  });

  it('asks for a private key with keys, not for a public one', () => {
    const value = written(draft, { ...COMPLETE, credentialsType: 'KEY_PAIR' });
    expect(Object.keys(draft.problems(value))).toEqual(['privateKey']);
  });

  it.each(['', '0', '65536', '-1', '2 2', '0x16', '22.5', '1e3'])('refuses port %p', port => {
    expect(draft.problems(written(draft, { ...COMPLETE, port }))).toHaveProperty('port');
  });

  it.each(['http://a', 'user@host', 'a b', 'a/b', 'a\r\nb'])('refuses host %p', hostname => {
    expect(draft.problems(written(draft, { ...COMPLETE, hostname }))).toHaveProperty('hostname');
  });

  it.each(['::1', 'plc-7.factory.local', '192.168.0.1'])('accepts host %p', hostname => {
    expect(draft.problems(written(draft, { ...COMPLETE, hostname }))).toEqual({});
  });

  it('limits lengths as the service does', () => {
    const value = written(draft, {
      name: 'n'.repeat(1001),
      hostname: 'h'.repeat(256),
      username: 'u'.repeat(256),
      password: 'p'.repeat(256),
    });
    expect(Object.keys(draft.problems(value)).sort()).toEqual([
      'hostname',
      'name',
      'password',
      'username',
    ]);
  });
});

describe('EndpointDraft of a stored endpoint', () => {
  const draft = new EndpointDraft(STORED);

  it('never puts the stand-in of a secret into the form', () => {
    expect(draft.start().password).toBe('');
  });

  it('keeps the stored password when only the name changes', () => {
    const value = written(draft, { name: 'Other' });
    expect(draft.problems(value)).toEqual({});
    expect(draft.keeps(value, 'password')).toBe(true);
    expect(draft.body(value)).not.toHaveProperty('password');
  });

  it.each([{ hostname: '10.9.9.9' }, { port: '2222' }])(
    'asks for the password again when %p changes',
    change => {
      const problem = draft.problems(written(draft, change)).password;
      expect(problem?.text).toMatch(/again/);
    },
  );

  it('asks for the password again when a pinned host key is replaced, not when one is added', () => {
    const pinned = new EndpointDraft({
      ...STORED,
      credentials: { ...STORED.credentials, hostKey: 'ssh-ed25519 AAAA' },
    });
    expect(pinned.problems(written(pinned, { hostKey: '' }))).toHaveProperty('password');
    expect(draft.problems(written(draft, { hostKey: 'ssh-ed25519 AAAA' }))).toEqual({});
  });

  it('keeps attributes that other programs stored', () => {
    const other = new EndpointDraft({ ...STORED, attrs: { theirs: 1 } });
    expect(other.body(written(other)).attrs).toEqual({ theirs: 1 });
  });
});
