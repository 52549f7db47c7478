import { gettext, type Message } from '../../ui/message';

/**
 * Plainer texts for sentences that the service does not change, because other clients match them.
 */
const PLAINER_TEXTS: readonly (readonly [RegExp, string])[] = [
  [
    /Could not recognize host-key format/,
    gettext(
      'This is not a host key. Paste a line such as "ssh-ed25519 AAAA…" or a line from known_hosts.',
    ),
  ],
  [
    /Could not recognize key-pair format/,
    gettext('This is not a key in a known format. Use OpenSSH, PEM, SSH2 or PuTTY.'),
  ],
  [
    /^hostname is written with leading zeros/,
    gettext('Enter the address without leading zeros: some systems read such numbers as octal.'),
  ],
  [
    /^Enter the password again: the stored one is not kept with a new /,
    gettext('Enter the password again: the host, port, protocol or sign-in method has changed.'),
  ],
  [
    /^Enter the password again: the stored one is not kept when /,
    gettext(
      'Enter the password again: you changed or removed the host key, changed the command, allowed weak algorithms or unencrypted sign-in, or switched off view only, which makes the endpoint less secure.',
    ),
  ],
  [/^hostname is not a host name/, gettext('This is not a valid host name or IP address.')],
  [
    /^hostname is the unspecified address/,
    gettext('This address stands for every address of a machine. Enter a specific one.'),
  ],
  [/^(name|hostname) must be given/, gettext('Enter something other than spaces.')],
  [
    /must not contain line breaks/,
    gettext('Line breaks and control characters are not allowed here.'),
  ],
  [/^The .+ is too large: /, gettext('This text is too long for a key.')],
];

/**
 * The other sentences of the service about endpoints, keys and files. A test checks that every
 * sentence in the sources of the service is here or among the plainer texts.
 */
export const SERVICE_SENTENCES: readonly string[] = [
  gettext('{{ field }} must be given'),
  gettext('{{ field }} must be text'),
  gettext('{{ field }} must not be longer than {{ count }} characters'),
  gettext('port must be a whole number from {{ min }} to {{ max }}'),
  gettext('{{ field }} must be one of {{ choices }}'),
  gettext('{{ field }} must be true or false'),
  gettext('{{ field }} must be an object'),
  gettext('{{ field }} must be the name of a locale, such as en_US.UTF-8'),
  gettext('{{ field }} is not an option of the protocol {{ protocol }}'),
  gettext('Protocol "{{ protocol }}" does not support "{{ type }}" credentials type'),
  gettext(
    'username with password (USER_PASS) or privateKey (KEY_PAIR) must be given, or credentialsType',
  ),
  gettext('User name must be provided in {{ type }} credentials'),
  gettext('Password must be provided in {{ type }} credentials'),
  gettext('Private key must be provided in {{ type }} credentials'),
  gettext('Certificate must be provided in {{ type }} credentials'),
  gettext('The endpoint is damaged: {{ problems }}. Edit it or remove it.'),
  gettext('The endpoint is damaged: {{ problems }}'),
  gettext('Password cipher does not match'),
  gettext('Private key cipher does not match'),
  gettext('Enter the password again: the stored one does not belong to this endpoint as it is now'),
  gettext(
    'Enter the private key again: the stored one does not belong to this endpoint as it is now',
  ),
  gettext('Not a device id: {{ id }}'),
  gettext('An endpoint with this name exists already; give its id, {{ id }}, to change it'),
  gettext('The line has {{ cells }} cells, but the header has {{ columns }}'),
  gettext('The line is for gateway {{ other }}, but the import is for gateway {{ gateway }}'),
  gettext('The element must be an object'),
  gettext('Unknown field: {{ fields }}'),
  gettext('Unknown column: {{ columns }}.'),
  gettext('Duplicate column: {{ columns }}.'),
  gettext('The column deviceId is missing.'),
  gettext('Line {{ line }}: unbalanced quotes ({{ code }}).'),
  gettext('Line {{ line }}: {{ what }}'),
  gettext('The file is empty.'),
  gettext('The body must be an array of endpoints.'),
  gettext('This is a public key; the private key is expected here.'),
  gettext('This is a public key; a certificate is expected.'),
  gettext('This is a private key; only the public key belongs here.'),
  gettext('This is a private key; only the certificate belongs here.'),
  gettext('This is a private key; only the host key belongs here.'),
  gettext('This is a certificate; the key alone is expected here.'),
  gettext('This is a host certificate; signing in needs a user certificate.'),
  gettext('This is an X.509 certificate; SSH needs an OpenSSH key or certificate.'),
  gettext('This key is stored on a security token, which cannot be used here.'),
  gettext('The private key does not belong to the public key.'),
  gettext('The private key does not belong to the certificate.'),
  gettext('The public key does not belong to the certificate.'),
  gettext('There are {{ count }} lines; give only those of this server.'),
  gettext('There are {{ count }} host keys; a server has at most {{ max }}.'),
  gettext('There are {{ count }} revoked host keys; an endpoint has at most {{ max }}.'),
  gettext('There are several lines; give one public key.'),
  gettext('There are several lines; give one certificate.'),
  gettext('There are several lines; give one host key.'),
  gettext(
    'None of the known_hosts lines names {{ host }}, and they may belong to different servers. Give only the lines of this server, without host names.',
  ),
  gettext(
    "A line is marked @cert-authority: host certificates are not checked yet. Give the server's own key.",
  ),
  gettext('The file contains several private keys; give only one.'),
  gettext('The passphrase is too long.'),
  gettext('Opening the private key takes too long. Save it with fewer rounds.'),
  gettext(
    'The private key is protected with {{ count }} {{ unit }}; at most {{ max }} are supported. Save it with fewer.',
  ),
  gettext('The private key is protected in an unsupported way.'),
  gettext(
    'The private key is protected in an unsupported way. Save it again, for example with ssh-keygen -p.',
  ),
  gettext('The private key is protected in a way that is no longer supported.'),
  gettext('The PuTTY key is protected in an unsupported way.'),
  gettext('Only PuTTY key versions 2 and 3 are supported. Save the key again with puttygen.'),
  gettext(
    'Private keys in the format of ssh.com are not supported. Convert the key with puttygen.',
  ),
  gettext('Keys for SSH version 1 are not supported: no server accepts them any more.'),
  gettext('Keys for SSH version 1 are not supported: no server uses them any more.'),
  gettext('RSA keys with more than two primes are not supported.'),
  gettext('SSH does not use private keys of this type. Use RSA, DSA, ECDSA or ED25519.'),
  gettext('SSH does not use public keys of this type.'),
  gettext('The curve is not supported. Use nistp256, nistp384 or nistp521.'),
  gettext(
    'The key type{{ type }} is not supported. Use RSA, DSA, ECDSA (nistp256, 384, 521) or ED25519.',
  ),
  gettext('The {{ type }} key has {{ bits }} bits; from {{ min }} to {{ max }} are supported.'),
];

/** The details say where a key is damaged, which does not help a user who has to copy it again. */
const DAMAGED_KEY = /^The (?:[\w ]*key|certificate) is (?:cut off|damaged)\b/;

const PATTERNS = SERVICE_SENTENCES.map(text => [text, patternOf(text)] as const);

/** A sentence of the service as a message that pages can translate; unchanged if it is unknown. */
export function sentenceMessage(sentence: string): Message {
  const plainer = PLAINER_TEXTS.find(([pattern]) => pattern.test(sentence))?.[1];
  if (plainer !== undefined) return { text: plainer };
  if (DAMAGED_KEY.test(sentence)) {
    return { text: gettext('This key is cut off or damaged. Copy it again as a whole.') };
  }
  for (const [text, pattern] of PATTERNS) {
    const values = pattern.exec(sentence)?.groups;
    if (values?.['what'])
      return { text, values: { ...values, what: sentenceMessage(values['what']) } };
    if (values) return { text, values };
    if (text === sentence) return { text };
  }
  return { text: sentence };
}

/** Matches what a text with {{ placeholders }} becomes. */
function patternOf(text: string): RegExp {
  const literal = text.replaceAll(/[.*+?^$()[\]|\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll(/\{\{ (\w+) \}\}/g, '(?<$1>.*?)')}$`);
}
