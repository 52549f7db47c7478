import { gettext } from './message';

/**
 * What the service says about SSH, VNC and Telnet servers, in its own words, so that pages can
 * translate it. Some values of sentences are sentences of this list. More specific ones come first.
 */
export const SERVER_SENTENCES: readonly string[] = [
  gettext(
    'Could not connect to endpoint {{ name }}. Could not verify `{{ type }}` host key with fingerprint `{{ fingerprint }}` for `{{ host }}` on port {{ port }}. If you expected that key, please remove the previous one from configuration to allow for connection.',
  ),
  gettext(
    "Expected {{ pinned }}, but the server presented {{ presented }}. Nothing was sent. Ask the server's administrator whether it was reinstalled or has new keys, and compare with the output of ssh-keygen -l there. If the key is right, replace the host key of the endpoint. If not, someone may be intercepting the connection: do not connect.",
  ),
  gettext(
    'Could not connect to endpoint {{ name }}. The `{{ type }}` host key with fingerprint `{{ fingerprint }}` is marked as revoked in the endpoint.',
  ),
  gettext(
    "Nothing was sent. Someone who has stolen this key may be intercepting the connection. Ask the server's administrator for its new key.",
  ),
  gettext('Could not connect to endpoint "{{ name }}". {{ what }}'),
  gettext('{{ what }} It said: "{{ message }}".'),
  gettext(
    'Could not login to ssh server on endpoint "{{ name }}". Provided credential for user "{{ user }}" is incorrect. {{ what }}',
  ),
  gettext('Its certificate expired on {{ time }}: store a new one.'),
  gettext('Its certificate is not valid before {{ time }}.'),
  gettext('Its certificate is for {{ names }}, not for {{ user }}.'),
  gettext('The server accepts: {{ methods }}. Check the user name and the stored credential.'),
  gettext(
    'The server accepts: {{ methods }}. Check the user name and the stored credential. The server said: "{{ message }}".',
  ),
  gettext('nothing'),
  gettext(
    'The SSH server on endpoint "{{ name }}" accepted the stored credential of user "{{ user }}", but not what it required in addition ({{ methods }}).',
  ),
  gettext(
    'A password or code was wrong, or the server requires a method that is not supported here.',
  ),
  gettext(
    'The SSH server on endpoint "{{ name }}" asks for more than the stored password. This client cannot answer: connect in Device Management.',
  ),
  gettext(
    'The SSH server on endpoint "{{ name }}" asks for more than the stored password ("{{ question }}"). This client cannot answer: connect in Device Management.',
  ),
  gettext('The SSH server does not stop asking questions.'),
  gettext(
    'The SSH server on endpoint "{{ name }}" accepts the stored key only with weak signatures ({{ algorithm }}).',
  ),
  gettext(
    'Update the server. If that is not possible, allow weak algorithms in the endpoint (legacyAlgorithms). An attacker on the network may then be able to read the session.',
  ),
  gettext('The SSH server supports only outdated algorithms: {{ names }}.'),
  gettext('The SSH server offers no algorithms that are supported here: {{ names }}.'),
  gettext(
    'Enable one of these on the server: key exchange curve25519-sha256, host key ssh-ed25519 or RSA, cipher aes256-gcm@openssh.com or aes256-ctr, MAC hmac-sha2-256.',
  ),
  gettext(
    'The SSH server offers the cipher {{ cipher }} without strict key exchange, so that messages could be removed on the way (Terrapin, CVE-2023-48795). Nothing was sent to sign in.',
  ),
  gettext('Update the SSH server, or enable an AES cipher on it, such as aes256-ctr.'),
  gettext('The SSH server accepted the sign-in but refused to open a shell.'),
  gettext('The SSH server accepted the sign-in but refused to run the command.'),
  gettext(
    'If the server only runs commands, enter one in the endpoint (command). Otherwise check on the server that this user may log in.',
  ),
  gettext('Check the command in the endpoint, and on the server what this user may run.'),
  gettext(
    'The SSH server on endpoint "{{ name }}" requires user "{{ user }}" to change the password. Change it on the server, then store it with the endpoint.',
  ),
  gettext('The SSH handshake did not finish in time.'),
  gettext('It ended the connection during the SSH handshake.'),
  gettext('The SSH server did not answer the sign-in in time.'),
  gettext('It ended the connection during the sign-in.'),
  gettext('The SSH server accepted the sign-in but did not open a shell in time.'),
  gettext('It accepted the sign-in but ended the connection before it opened a shell.'),
  gettext('The SSH connection failed: {{ reason }}.'),
  gettext('Its host key cannot be read.'),
  gettext('It did not present its host key in time.'),
  gettext('It did not present its host key: {{ reason }}.'),
  gettext('It ended the connection without sending anything.'),
  gettext('This is {{ server }}, not an SSH server.'),
  gettext('This is not an SSH server: it began with "{{ text }}".'),
  gettext('The SSH server keeps asking without reading the answers.'),
  gettext("The server's greeting is too long."),
  gettext('The SSH server sends too much data before the sign-in.'),
  gettext(
    'The private key stored with this endpoint is protected with a passphrase, which is not supported yet. Enter it again.',
  ),
  gettext(
    'The private key stored with this endpoint has a format that cannot be read. Enter it again.',
  ),
  gettext('The private key stored with this endpoint is not a private key. Enter it again.'),
  gettext('The certificate stored with this endpoint cannot be read. Enter it again.'),
  gettext(
    'The certificate stored with this endpoint is for a different type of key. Enter it again.',
  ),
  gettext('The certificate stored with this endpoint cannot be used. {{ what }}'),
  gettext(
    'The host key stored with this endpoint cannot be read, so the server cannot be verified. Nothing was sent to it. Enter the host key again or remove it.',
  ),
  gettext('The connection to endpoint "{{ name }}" was lost.'),
  gettext('The VNC server did not send {{ what }} in time.'),
  gettext('The server sent nothing in time. It may be hanging, or it is not a VNC server.'),
  gettext('The VNC server closed the connection before it sent {{ what }}.'),
  gettext('The VNC server announces the unsupported protocol version {{ version }}. {{ what }}'),
  gettext(
    'The VNC server announces the unsupported protocol version {{ version }} and says "{{ message }}". {{ what }}',
  ),
  gettext(
    'With RealVNC: open VNC on the remote machine, navigate to Options, select the Export (or Expert) tab, search for "Protocol version" and enter "3.8".',
  ),
  gettext('The VNC server refused the connection without giving a reason.'),
  gettext('The VNC server refused the connection: "{{ message }}".'),
  gettext('Could not sign in to the VNC server on endpoint "{{ name }}". {{ what }}'),
  gettext('Could not sign in to the VNC server on endpoint "{{ name }}".'),
  gettext(
    'The server {{ did }} after it had received the credentials, as servers do that refuse them.',
  ),
  gettext('closed the connection'),
  gettext('did not answer'),
  gettext('The server says "{{ message }}".'),
  gettext('The VNC server offers no supported sign-in method, only: {{ methods }}.'),
  gettext(
    'The endpoint has a pinned key, and the server offered no method that proves it holds that key, only: {{ methods }}. Nothing was sent.',
  ),
  gettext(
    'The endpoint does not allow unencrypted sign-in (allowUnencryptedSignIn), and the server offers nothing else: {{ methods }}. Nothing was sent.',
  ),
  gettext('The VNC server violated the sign-in protocol: {{ reason }}.'),
  gettext(
    'The VNC server on endpoint "{{ name }}" asks for {{ what }}. The endpoint is view-only, so viewers cannot sign in. Store it in the endpoint, or connect in the browser to enter it.',
  ),
  gettext(
    'The VNC server on endpoint "{{ name }}" asks for {{ what }}. Store it in the endpoint, or connect in the browser to enter it.',
  ),
  gettext('a password'),
  gettext('a user name and a password'),
  gettext('This is {{ server }}, not a VNC server: it began with "{{ text }}".'),
  gettext('This is not a VNC server: it began with "{{ text }}".'),
  gettext('This is a VNC repeater, which requires an id. Repeaters are not supported.'),
  gettext('The handshake with the VNC server failed.'),
  gettext('The endpoint is view-only, and the viewer sent a message of unknown type {{ type }}.'),
  gettext('The server started a Telnet option negotiation and never finished it.'),
  gettext(
    'The server at endpoint "{{ name }}" is an SSH server. Set the protocol of the endpoint to SSH.',
  ),
  gettext(
    'The server at endpoint "{{ name }}" is a VNC server. Set the protocol of the endpoint to VNC.',
  ),
  gettext(
    'The server at endpoint "{{ name }}" is a web server. Set the port of the endpoint to that of the Telnet server.',
  ),
  gettext('a VNC (RFB) server'),
  gettext('a web (HTTP) server'),
  gettext('a TLS server'),
  gettext('a Telnet server'),
  gettext('an FTP server'),
  gettext('a mail or FTP server'),
  gettext('an SSH server'),
  gettext('its protocol version'),
  gettext('its security types'),
  gettext('its security types within TLS'),
  gettext('its challenge'),
  gettext('the result of the sign-in'),
  gettext('its screen'),
  gettext('its reason'),
  gettext('the size of its screen'),
  gettext('its name'),
  gettext('its capabilities'),
  gettext('its RSA key'),
  gettext('its random number'),
  gettext('its VeNCrypt subtypes'),
  gettext('its version of VeNCrypt'),
  gettext('its answer to VeNCrypt 0.2'),
  gettext('its confirmation of TLS'),
  gettext('its Diffie-Hellman key'),
  gettext('its Diffie-Hellman group'),
  gettext('its Tight sign-in methods'),
  gettext('its Tight tunnels'),
  gettext('its hash of the keys'),
  gettext('its part of the TLS handshake'),
  gettext('its request for credentials'),
];
