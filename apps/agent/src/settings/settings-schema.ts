/** How the text of a setting is read. */
export type SettingKind = 'text' | 'secret' | 'url' | 'path' | 'number' | 'list' | 'command';

export interface SettingDescription {
  /** `table.key` in the settings file. */
  readonly key: string;
  /** The environment variable, which takes precedence over the file. */
  readonly variable: string;
  readonly kind: SettingKind;
  /** As written in the file; if absent, the setting is off or mandatory. */
  readonly fallback?: string;
  /** As written in the file. */
  readonly example: string;
  /** Its effect, for operators. */
  readonly text: string;
}

/** The subject of each table of the settings file, in order. */
export const TABLES: Readonly<Record<string, string>> = {
  platform: 'Where the platform is, and how to reach it.',
  device: 'Which device this gateway is, and how it signs in.',
  registration: 'How a new device gets its credentials.',
  transport: 'How operations arrive.',
  targets:
    'Which machines sessions may connect to. These lists have the last word, not the platform.',
  limits: 'How much of this gateway sessions may use.',
  consent: 'A program that is asked before a session is opened.',
  status: 'Where `remote-access-agent status` finds the running agent.',
};

/**
 * Every setting of the agent. The settings reference and the package's settings file are generated
 * from this.
 */
export const SETTINGS: readonly SettingDescription[] = [
  {
    key: 'platform.url',
    variable: 'C8Y_BASEURL',
    kind: 'url',
    example: '"https://tenant.example.com"',
    text: 'The address of the tenant. Mandatory.',
  },
  {
    key: 'platform.ca_file',
    variable: 'CA_FILE',
    kind: 'path',
    example: '"/etc/ssl/certs/company-ca.pem"',
    text: 'Certificates in PEM that are trusted in addition to those of Node.js, for example that of a proxy that inspects TLS.',
  },
  {
    key: 'platform.proxy',
    variable: 'HTTPS_PROXY',
    kind: 'url',
    example: '"http://user:password@proxy.example.com:3128"',
    text: 'An HTTP or HTTPS proxy for all connections to the platform, including MQTT. Loopback addresses are always reached directly. `HTTP_PROXY` is used instead if the address of the platform begins with `http:`.',
  },
  {
    key: 'platform.no_proxy',
    variable: 'NO_PROXY',
    kind: 'list',
    example: '["example.com", "10.0.0.5"]',
    text: 'Hosts that are reached without the proxy: names, with their subdomains, and addresses. `*` switches the proxy off.',
  },
  {
    key: 'device.external_id',
    variable: 'DEVICE_EXTERNAL_ID',
    kind: 'text',
    example: '"gw-1"',
    text: 'The external id of type `c8y_Serial`. Mandatory with MQTT and for registration.',
  },
  {
    key: 'device.id',
    variable: 'DEVICE_ID',
    kind: 'text',
    example: '"12345"',
    text: 'The id in the inventory, instead of the external id. Only for REST.',
  },
  {
    key: 'device.user',
    variable: 'DEVICE_USER',
    kind: 'text',
    example: '"t1001/device_gw-1"',
    text: 'The user of the device, with its tenant.',
  },
  {
    key: 'device.password',
    variable: 'DEVICE_PASSWORD',
    kind: 'secret',
    example: '"…"',
    text: 'Its password. The file must not be readable by others.',
  },
  {
    key: 'device.certificate_file',
    variable: 'DEVICE_CERTIFICATE_FILE',
    kind: 'path',
    example: '"/etc/remote-access-agent/device.pem"',
    text: 'The certificate of the device and its chain, in PEM, instead of a password. The common name of the certificate is the external id.',
  },
  {
    key: 'device.key_file',
    variable: 'DEVICE_KEY_FILE',
    kind: 'path',
    example: '"/etc/remote-access-agent/device.key"',
    text: 'The private key of the certificate, in PEM.',
  },
  {
    key: 'device.name',
    variable: 'DEVICE_NAME',
    kind: 'text',
    example: '"Press line 7"',
    text: 'The name that a new device gets on the platform. The external id by default.',
  },
  {
    key: 'device.operations',
    variable: 'DEVICE_OPERATIONS',
    kind: 'list',
    fallback: '[]',
    example: '["c8y_Restart"]',
    text: 'Operations that other programs carry out for this device. Over MQTT, each declaration of the supported operations replaces the previous one, so those of other programs have to be listed here.',
  },
  {
    key: 'device.protocols',
    variable: 'DEVICE_PROTOCOLS',
    kind: 'list',
    fallback: '[]',
    example: '["SSH", "VNC"]',
    text: 'The protocols that this gateway allows: SSH, VNC, TELNET, PASSTHROUGH. All if the list is empty, which also replaces what was declared before. The service on the platform refuses the others, because an operation does not say which protocol it is for.',
  },
  {
    key: 'registration.user',
    variable: 'BOOTSTRAP_USER',
    kind: 'text',
    fallback: '"management/devicebootstrap"',
    example: '"management/devicebootstrap"',
    text: 'The user with which a new device requests its credentials.',
  },
  {
    key: 'registration.password',
    variable: 'BOOTSTRAP_PASSWORD',
    kind: 'secret',
    example: '"…"',
    text: 'Its password, which is the same for all devices of a platform. If it is set and the device has no credentials, the agent repeats the request until a user accepts the device.',
  },
  {
    key: 'registration.credentials_file',
    variable: 'CREDENTIALS_FILE',
    kind: 'path',
    fallback: '"/var/lib/remote-access-agent/credentials.toml"',
    example: '"/var/lib/remote-access-agent/credentials.toml"',
    text: 'Where the credentials of a registered device are kept, readable by the agent only.',
  },
  {
    key: 'transport.type',
    variable: 'TRANSPORT',
    kind: 'text',
    fallback: '"auto"',
    example: '"mqtt"',
    text: '`rest`: long polling, on the same port as the sessions. `mqtt`: SmartREST 2.0. `auto`: MQTT if the device has a certificate, otherwise REST.',
  },
  {
    key: 'transport.mqtt_url',
    variable: 'MQTT_URL',
    kind: 'text',
    example: '"mqtts://tenant.example.com:8883"',
    text: "The MQTT broker. By default `mqtts:` on port 8883 of the platform's host.",
  },
  {
    key: 'targets.allow',
    variable: 'ALLOW_TARGETS',
    kind: 'list',
    example: '["10.0.0.0/8:22", "plc.local:502", "*:5900-5910"]',
    text: 'Addresses, networks, host names or `*`, each with or without a port or range of ports. Without a list, this gateway and private networks are allowed. Link-local addresses and cloud metadata services have to be listed explicitly.',
  },
  {
    key: 'targets.deny',
    variable: 'DENY_TARGETS',
    kind: 'list',
    example: '["10.0.0.1", "*:3306"]',
    text: 'Targets that are denied, in the same form. This list takes precedence over the other one.',
  },
  {
    key: 'limits.sessions',
    variable: 'MAX_SESSIONS',
    kind: 'number',
    fallback: '400',
    example: '20',
    text: 'The number of concurrent sessions, at most 400.',
  },
  {
    key: 'limits.bytes_per_second',
    variable: 'MAX_BYTES_PER_SECOND',
    kind: 'number',
    fallback: '0',
    example: '250_000',
    text: 'The throughput of all sessions and both directions together, running sessions included when it is changed. 0: no limit.',
  },
  {
    key: 'limits.session_seconds',
    variable: 'MAX_SESSION_SECONDS',
    kind: 'number',
    fallback: '0',
    example: '28_800',
    text: 'The duration after which a session is ended, at most 24 days (2,073,600). 0: no limit.',
  },
  {
    key: 'consent.command',
    variable: 'CONSENT_COMMAND',
    kind: 'command',
    example: '["/usr/local/bin/may-connect"]',
    text: 'A program and its arguments, which must exit with 0 before a session is opened. It finds `TARGET_HOST`, `TARGET_PORT` and `OPERATION_ID` in its environment. If it refuses, the user sees the first line that it prints as the reason. In the environment variable, write a JSON array.',
  },
  {
    key: 'consent.timeout_seconds',
    variable: 'CONSENT_TIMEOUT_SECONDS',
    kind: 'number',
    fallback: '20',
    example: '20',
    text: 'The time for an answer; without one, the session is refused. Users wait 30 seconds for a gateway.',
  },
  {
    key: 'status.socket',
    variable: 'STATUS_SOCKET',
    kind: 'path',
    example: '"/run/remote-access-agent/status.sock"',
    text: "A Unix socket that only the agent's user and root can open. Without it, `status` shows nothing.",
  },
];
