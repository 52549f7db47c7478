import type { EndpointEntry } from '../endpoint-client';
import { type DraftValue, EndpointDraft } from './endpoint-draft';

const STORED: EndpointEntry = {
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
      legacyAlgorithms: false,
      encoding: 'utf-8',
      command: null,
      locale: null,
      backspace: null,
      deleteKey: null,
      homeEnd: null,
      functionKeys: null,
    });
  });

  it('sends only what differs from the default terminal', () => {
    const unusual = { command: ' menu ', locale: 'de_DE.UTF-8', backspace: 'bs' } as const;
    expect(draft.body(written(draft, { ...COMPLETE, ...unusual }))).toMatchObject({
      command: 'menu',
      locale: 'de_DE.UTF-8',
      backspace: 'bs',
      functionKeys: null,
    });
    const wrong = written(draft, { ...COMPLETE, locale: 'C; reboot' });
    expect(Object.keys(draft.problems(wrong))).toEqual(['locale']);
    expect(draft.problems({ ...wrong, protocol: 'VNC', credentialsType: 'NONE' })).toEqual({});
  });

  it('accepts a password that consists of spaces', () => {
    expect(draft.problems(written(draft, { ...COMPLETE, password: ' ' }))).toEqual({});
  });

  it('sends only the fields of the sign-in method', () => {
    const body = draft.body(written(draft, { ...COMPLETE, privateKey: 'left over' }));
    expect(body).not.toHaveProperty('privateKey');
  });

  it('requires a private key for a key pair, but no public one', () => {
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

describe('EndpointDraft with options', () => {
  const draft = new EndpointDraft();
  const sent = (change: Partial<DraftValue>) => {
    const body = draft.body(written(draft, { ...COMPLETE, ...change }));
    const { legacyAlgorithms, encoding, viewOnly, shared, allowUnencryptedSignIn } = body;
    return { legacyAlgorithms, encoding, viewOnly, shared, allowUnencryptedSignIn };
  };

  it.each<[Partial<DraftValue>, object]>([
    [{ legacyAlgorithms: true }, { legacyAlgorithms: true, encoding: 'utf-8' }],
    [{ protocol: 'TELNET', credentialsType: 'NONE', encoding: 'gbk' }, { encoding: 'gbk' }],
    [
      { protocol: 'VNC', credentialsType: 'NONE', viewOnly: true },
      { viewOnly: true, shared: true, allowUnencryptedSignIn: false },
    ],
    [
      { protocol: 'VNC', credentialsType: 'NONE', allowUnencryptedSignIn: true },
      { viewOnly: false, shared: true, allowUnencryptedSignIn: true },
    ],
    [{ protocol: 'PASSTHROUGH', credentialsType: 'NONE' }, {}],
  ])('sends only the options of the protocol: %j', (change, options) => {
    expect(sent(change)).toEqual(options);
  });

  it('keeps the pinned key of a VNC server', () => {
    const value = written(draft, {
      protocol: 'VNC',
      credentialsType: 'NONE',
      hostKey: 'ssh-rsa AAAA',
    });
    expect(draft.shows(value, 'hostKey')).toBe(true);
    expect(draft.body(value)).toMatchObject({ protocol: 'VNC', hostKey: 'ssh-rsa AAAA' });
  });

  it('shows the options of the protocol', () => {
    const value = draft.start('TELNET');
    expect(draft.shows(value, 'encoding')).toBe(true);
    expect(draft.shows(value, 'legacyAlgorithms')).toBe(false);
    expect(draft.shows(draft.start('VNC'), 'shared')).toBe(true);
  });
});

describe('EndpointDraft of a stored endpoint', () => {
  const draft = new EndpointDraft({ stored: STORED });
  const of = (change: Partial<EndpointEntry>) =>
    new EndpointDraft({ stored: { ...STORED, ...change } });

  it('never puts the placeholder of a secret into the form', () => {
    expect(draft.start().password).toBe('');
  });

  it('keeps the stored password when only the name changes', () => {
    const value = written(draft, { name: 'Other' });
    expect(draft.problems(value)).toEqual({});
    expect(draft.keepsStored(value, 'password')).toBe(true);
    expect(draft.body(value)).not.toHaveProperty('password');
  });

  it.each<Partial<DraftValue>>([
    { hostname: '10.9.9.9' },
    { port: '2222' },
    { protocol: 'VNC' },
    { protocol: 'VNC', credentialsType: 'PASS_ONLY' },
  ])('asks for the password again when %j changes', change => {
    const value = written(draft, change);
    expect(draft.problems(value).password?.text).toMatch(/again/);
    expect(draft.keepsStored(value, 'password')).toBe(false);
  });

  describe('that would be weakened asks for the password again, as the service does', () => {
    const [ONE, TWO] = ['ssh-ed25519 AAAA', 'ssh-ed25519 BBBB'] as const;
    const pinned = (hostKey: string) => of({ credentials: { ...STORED.credentials, hostKey } });

    it.each<[string, string, boolean]>([
      [ONE, TWO, true],
      [ONE, '', true],
      [ONE, `${ONE}\n${TWO}`, true],
      [`${ONE}\n${TWO}`, TWO, false],
      [`${ONE} comment`, ` ${ONE}\r\n`, false],
      ['', ONE, false],
    ])('host keys %j replaced by %j: %j', (before, hostKey, asks) => {
      const { problems } = { problems: pinned(before).problems(written(draft, { hostKey })) };
      expect('password' in problems).toBe(asks);
    });

    it('weak algorithms allowed, view only disabled', () => {
      expect(draft.problems(written(draft, { legacyAlgorithms: true }))).toHaveProperty('password');
      const weak = of({ legacyAlgorithms: true });
      expect(weak.problems(written(weak, { legacyAlgorithms: false }))).toEqual({});
      const watched = of({ protocol: 'VNC', viewOnly: true });
      expect(watched.problems(written(watched))).toEqual({});
      expect(watched.problems(written(watched, { viewOnly: false }))).toHaveProperty('password');
    });
  });

  it('that was changed outside asks for the password again, and keeps the private key', () => {
    const changed = of({ changed: { seen: 'x' } });
    expect(changed.problems(written(changed)).password?.text).toMatch(/changed outside/);
    const credentials = {
      ...STORED.credentials,
      type: 'KEY_PAIR' as const,
      privateKey: '{cipher}',
    };
    const pair = of({ credentials, changed: { seen: 'x' } });
    expect(pair.problems(written(pair))).toEqual({});
  });

  it('keeps a private key for any server, because it never leaves the service', () => {
    const credentials = {
      ...STORED.credentials,
      type: 'KEY_PAIR' as const,
      privateKey: '{cipher}',
    };
    const pair = of({ credentials });
    const value = written(pair, { hostname: '10.9.9.9', port: '2222' });
    expect(pair.problems(value)).toEqual({});
    expect(pair.keepsStored(value, 'privateKey')).toBe(true);
    expect(pair.keepsStored({ ...value, credentialsType: 'CERTIFICATE' }, 'privateKey')).toBe(true);
  });

  it('asks again for a secret that the service cannot read', () => {
    const changed = of({ unreadable: ['password'] });
    expect(changed.problems(written(changed)).password?.text).toMatch(/cannot be read/);
    expect(changed.problems(written(changed, { password: 'x' }))).toEqual({});
  });

  it('requires a secret that the user wants to replace', () => {
    const renewing = new EndpointDraft({ stored: STORED, replaced: new Set(['password']) });
    expect(renewing.problems(written(renewing)).password?.text).toBe('Enter a password.');
    expect(renewing.body(written(renewing, { password: 'new' })).password).toBe('new');
  });

  it('keeps attributes that other programs stored', () => {
    const other = of({ attrs: { theirs: 1 } });
    expect(other.body(written(other)).attrs).toEqual({ theirs: 1 });
  });

  it('asks for the port that a damaged entry lacks', () => {
    const damaged = of({ port: 0, protocol: 'PASSTHROUGH', damaged: ['port is missing'] });
    expect(damaged.problems(written(damaged))).toHaveProperty('port');
  });
});

describe('EndpointDraft of a duplicate', () => {
  const credentials = {
    ...STORED.credentials,
    type: 'KEY_PAIR' as const,
    privateKey: '{cipher}',
    publicKey: 'ssh-ed25519 AAAA',
    hostKey: 'ssh-ed25519 BBBB',
  };
  const draft = new EndpointDraft({ duplicateOf: { ...STORED, credentials } });

  it('copies everything except the name and the secrets', () => {
    expect(draft.start()).toMatchObject({
      name: 'Gateway shell (2)',
      hostname: '127.0.0.1',
      credentialsType: 'KEY_PAIR',
      username: 'pi',
      privateKey: '',
      publicKey: '',
      hostKey: 'ssh-ed25519 BBBB',
    });
  });

  it('asks for the private key', () => {
    expect(draft.problems(draft.start())).toHaveProperty('privateKey');
  });

  it('sends the passphrase only together with the key', () => {
    const value = { ...draft.start(), passphrase: 'p' };
    expect(draft.body(value)).not.toHaveProperty('passphrase');
    expect(draft.body({ ...value, privateKey: 'KEY' })).toMatchObject({ passphrase: 'p' });
  });
});
