import { Refusal } from '../../ui/refusal';
import { serverProblems } from './server-problems';

const refused = (message: string, code = 'invalid-endpoint') =>
  serverProblems(Refusal.of(422, { error: `remoteaccess/${code}`, message }));

describe('serverProblems', () => {
  it.each([
    ['name must not contain line breaks or control characters', 'name'],
    ['hostname is not a host name or an IP address', 'hostname'],
    ['port must be a whole number from 1 to 65535', 'port'],
    ['protocol must be one of VNC, SSH, TELNET, PASSTHROUGH', 'protocol'],
    ['Protocol "VNC" does not support "KEY_PAIR" credentials type', 'credentialsType'],
    ['User name must be provided in USER_PASS credentials', 'username'],
    ['Password must be provided in PASS_ONLY credentials', 'password'],
    ['Password cipher does not match', 'password'],
    ['Enter the password again: the stored one is not kept with a new host', 'password'],
    ['Private key must be provided in KEY_PAIR credentials', 'privateKey'],
    ['Private key cipher does not match', 'privateKey'],
    ['Certificate must be provided in CERTIFICATE credentials', 'certificate'],
    ['The private key does not belong to the public key.', 'publicKey'],
    ['The private key does not belong to the certificate.', 'certificate'],
    ['This is a public key; the private key is expected here.', 'privateKey'],
    ['This is a public key; a certificate is expected.', 'certificate'],
    ['Could not save object remoteAccessUpdate: Could not recognize key-pair format', 'privateKey'],
    ['Could not save object remoteAccessUpdate: Could not recognize host-key format', 'hostKey'],
    [
      'None of the known_hosts lines names 10.0.0.5, and they may belong to different servers.',
      'hostKey',
    ],
    ['There are 501 lines; give only those of this server.', 'hostKey'],
    ['There are 17 host keys; a server has at most 16.', 'hostKey'],
    ['There are 17 revoked host keys; an endpoint has at most 16.', 'hostKey'],
    ['encoding must be one of utf-8, latin1', 'encoding'],
    ['viewOnly is not an option of the protocol SSH', 'viewOnly'],
  ])('assigns %j to the field %s', (message, field) => {
    const { fields, rest } = refused(message);
    expect(Object.keys(fields)).toEqual([field]);
    expect(rest).toBeUndefined();
  });

  it('assigns each of several sentences to its field', () => {
    const { fields } = refused('name must be given; port must be a whole number from 1 to 65535');
    expect(Object.keys(fields)).toEqual(['name', 'port']);
  });

  it('keeps a semicolon within a sentence', () => {
    const { fields } = refused('This is a public key; a certificate is expected.; name must be x');
    expect(fields.certificate?.text).toBe('This is a public key; a certificate is expected.');
    expect(fields.name?.text).toBe('name must be x');
  });

  it('leaves sentences that concern no single field to the form', () => {
    expect(refused('attrs must be an object')).toEqual({
      fields: {},
      rest: { text: '{{ field }} must be an object', values: { field: 'attrs' } },
    });
    const gone = serverProblems(Refusal.of(404, { error: 'remoteaccess/endpoint-not-found' }));
    expect(gone.fields).toEqual({});
    expect(gone.rest?.text).toMatch(/removed/);
  });

  it.each([
    ['passphrase-needed', 'passphrase'],
    ['protocol-not-allowed', 'protocol'],
  ])('assigns the code %s to the field %s', (code, field) => {
    expect(Object.keys(refused('x', code).fields)).toEqual([field]);
  });
});
