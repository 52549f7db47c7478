import { BlockList, isIP } from 'node:net';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type ClusterSettings, readClusterSettings } from './cluster-settings';
import { readTracingSettings, type TracingSettings } from './tracing-settings';
import { readSettingsFrom, Secret, type SettingsReader } from '@remote-access/settings';

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('settings');

/** A user of the platform together with its tenant. */
export interface ServiceAccount {
  readonly tenant: string;
  readonly user: string;
  readonly password: Secret;
}

/** From least to most verbose. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The input from which a sealing key is derived. */
export interface KeyMaterial {
  readonly password: Secret;
  readonly salt: Secret;
}

/** The configuration of the process, read once. */
export interface Settings {
  readonly serverHost: string;
  /** 0 picks a free port. */
  readonly serverPort: number;
  /** Where metrics are served, 0 for a free port; `undefined` disables them. */
  readonly metricsPort: number | undefined;
  /** Where traces are sent; `undefined` disables them. */
  readonly tracing: TracingSettings | undefined;
  /** How replicas find each other; `undefined` for a single replica. */
  readonly cluster: ClusterSettings | undefined;
  /** Base URL of the platform, without a trailing slash. */
  readonly platformUrl: string;
  /** The key with which the platform attributes requests to the application. */
  readonly applicationKey: Secret | undefined;
  readonly isolation: 'MULTI_TENANT' | 'PER_TENANT';
  readonly bootstrap: ServiceAccount;
  /** The service user of the single tenant, with PER_TENANT isolation. */
  readonly own: ServiceAccount | undefined;
  /**
   * Whether the platform hosts the service: then none of our own variables are set, such as
   * TRUSTED_PROXIES and ALLOWED_ORIGINS.
   */
  readonly hosted: boolean;
  /**
   * Proxies whose forwarded headers are trusted; private networks if the platform hosts the
   * service.
   */
  readonly trustedProxies: BlockList;
  /** Further origins that may open WebSockets, such as `https://portal.example.com`. */
  readonly allowedOrigins: readonly string[];
  /** Key material for tenants whose options contain none. */
  readonly sealing: KeyMaterial | undefined;
  /** The previous key material, which unseals secrets but seals none. */
  readonly previousSealing: KeyMaterial | undefined;
  /** Roughly how often the permissions behind a running session are checked. */
  readonly sessionReviewMs: number;
  /** A session ends if one side has accepted none of its pending data for this long. */
  readonly stalledReaderMs: number;
  /** How long running sessions may continue after the process is asked to stop. */
  readonly stopGraceMs: number;
  /** Limits of concurrent sessions, including those that wait for their gateway. */
  readonly sessionQuotas: { readonly perUser: number; readonly perDevice: number };
  /** The memory limit of the process; buffers get a part of it. */
  readonly memoryLimitBytes: number;
  readonly logLevel: LogLevel;
}

/**
 * Networks from which the platform's ingress reaches a hosted service: loopback, private networks
 * (RFC 1918, RFC 4193), the shared address space (RFC 6598), link-local addresses.
 */
const CLUSTER_NETWORKS = new BlockList();
for (const [network, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  CLUSTER_NETWORKS.addSubnet(network, bits, network.includes(':') ? 'ipv6' : 'ipv4');
}

const ISOLATIONS = ['MULTI_TENANT', 'PER_TENANT'] as const;

/**
 * Reads the settings from the environment that the platform gives a microservice.
 * @throws SettingsError listing every problem
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return readSettingsFrom(env, reader => {
    const hosted = env['TRUSTED_PROXIES'] === undefined && env['ALLOWED_ORIGINS'] === undefined;
    const isolation = reader.oneOf('C8Y_MICROSERVICE_ISOLATION', ISOLATIONS, 'MULTI_TENANT');
    return {
      serverHost: reader.text('SERVER_HOST', '0.0.0.0'),
      serverPort: reader.port('SERVER_PORT', 80),
      metricsPort:
        reader.optional('METRICS_PORT') === undefined ? undefined : reader.port('METRICS_PORT', 0),
      tracing: readTracingSettings(reader),
      cluster: readClusterSettings(reader, reader.text('SERVER_HOST', '0.0.0.0')),
      platformUrl: reader.url('C8Y_BASEURL'),
      applicationKey: secret(reader, 'APPLICATION_KEY'),
      isolation,
      bootstrap: account(reader, 'C8Y_BOOTSTRAP_'),
      own: isolation === 'PER_TENANT' ? account(reader, 'C8Y_') : undefined,
      hosted,
      trustedProxies: hosted ? CLUSTER_NETWORKS : addresses(reader, 'TRUSTED_PROXIES'),
      allowedOrigins: reader.origins('ALLOWED_ORIGINS'),
      sealing: keyMaterial(reader, 'SEALING_'),
      previousSealing: keyMaterial(reader, 'SEALING_PREVIOUS_'),
      sessionReviewMs: 1_000 * reader.seconds('SESSION_REVIEW_SECONDS', 10),
      stalledReaderMs: 1_000 * reader.seconds('STALLED_READER_SECONDS', 600),
      stopGraceMs: 1_000 * reader.seconds('STOP_GRACE_SECONDS', 10),
      sessionQuotas: {
        perUser: reader.count('MAX_SESSIONS_PER_USER', 100),
        perDevice: reader.count('MAX_SESSIONS_PER_DEVICE', 200),
      },
      memoryLimitBytes: memoryLimit(reader),
      logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    };
  });
}

function account(reader: SettingsReader, prefix: string): ServiceAccount {
  return {
    tenant: reader.text(`${prefix}TENANT`),
    user: reader.text(`${prefix}USER`),
    password: new Secret(reader.text(`${prefix}PASSWORD`)),
  };
}

const UNITS = { '': 1, k: 1e3, m: 1e6, g: 1e9, ki: 1 << 10, mi: 1 << 20, gi: 1 << 30 } as const;

/**
 * In the platform's notation, `512M` or `512Mi`; otherwise the limit of the container or of the
 * heap.
 */
function memoryLimit(reader: SettingsReader): number {
  const text = reader.optional('MEMORY_LIMIT');
  if (text === undefined) {
    const constrained = process.constrainedMemory();
    // The value is 0 or exceeds any machine's memory if there is no limit.
    const isLimited = constrained > 0 && constrained < totalmem();
    return isLimited ? constrained : getHeapStatistics().heap_size_limit;
  }
  const [, number = '', unit = ''] = /^(\d{1,15})([kmg]?i?)b?$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * (UNITS[unit.toLowerCase() as keyof typeof UNITS] ?? 0);
  if (bytes === 0) reader.problem('MEMORY_LIMIT is not a size such as 512M');
  return bytes;
}

function secret(reader: SettingsReader, name: string): Secret | undefined {
  const text = reader.optional(name);
  return text === undefined ? undefined : new Secret(text);
}

function addresses(reader: SettingsReader, name: string): BlockList {
  const addresses = new BlockList();
  for (const item of reader.list(name)) {
    const [address = '', prefix, rest] = item.split('/');
    const version = isIP(address);
    const widest = version === 4 ? 32 : 128;
    const bits = prefix === undefined ? widest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
    if (version === 0 || rest !== undefined || !(bits >= 0 && bits <= widest)) {
      reader.problem(`${name}: "${item}" is not an IP address or a CIDR block`);
    } else {
      addresses.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
    }
  }
  return addresses;
}

function keyMaterial(reader: SettingsReader, prefix: string): KeyMaterial | undefined {
  const password = reader.optional(`${prefix}PASSWORD`);
  const salt = reader.optional(`${prefix}SALT`);
  if (!password !== !salt) {
    reader.problem(`${prefix}PASSWORD and ${prefix}SALT must be set together`);
  }
  return password && salt ? { password: new Secret(password), salt: new Secret(salt) } : undefined;
}
