import { BlockList, isIP } from 'node:net';
import { Secret } from './secret';
import { SettingsError } from './settings-error';

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('settings');

/** A user of the platform together with its tenant. */
export interface ServiceAccount {
  readonly tenant: string;
  readonly user: string;
  readonly password: Secret;
}

/** From the quietest to the loudest. */
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What sealing keys are derived from. */
export interface KeyMaterial {
  readonly password: Secret;
  readonly salt: Secret;
}

/** All that the process is told from outside, read once. */
export interface Settings {
  readonly serverHost: string;
  /** 0 for any free port. */
  readonly serverPort: number;
  /** Base URL of the platform without a slash at the end. */
  readonly platformUrl: string;
  readonly isolation: 'MULTI_TENANT' | 'PER_TENANT';
  readonly bootstrap: ServiceAccount;
  /** The service user of the one tenant, with PER_TENANT isolation. */
  readonly own: ServiceAccount | undefined;
  /** Addresses whose forwarded headers count. */
  readonly trustedProxies: BlockList;
  /** Origins such as `https://portal.example.com` that may open WebSockets besides the own one. */
  readonly allowedOrigins: readonly string[];
  /** Key material for tenants whose options have none. */
  readonly sealing: KeyMaterial | undefined;
  /** What that was before; it opens, and seals nothing. */
  readonly previousSealing: KeyMaterial | undefined;
  /** How often a running session's right to go on is looked at, about. */
  readonly sessionReviewMs: number;
  readonly logLevel: LogLevel;
}

/**
 * Reads the settings from the environment that the platform gives a microservice.
 * @throws SettingsError with every problem at once
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const reader = new EnvironmentReader(env);
  const isolation = reader.oneOf('C8Y_MICROSERVICE_ISOLATION', ISOLATIONS, 'MULTI_TENANT');
  const settings: Settings = {
    serverHost: reader.text('SERVER_HOST', '0.0.0.0'),
    serverPort: reader.port('SERVER_PORT', 80),
    platformUrl: reader.url('C8Y_BASEURL'),
    isolation,
    bootstrap: reader.account('C8Y_BOOTSTRAP_'),
    own: isolation === 'PER_TENANT' ? reader.account('C8Y_') : undefined,
    trustedProxies: reader.addresses('TRUSTED_PROXIES'),
    allowedOrigins: reader.origins('ALLOWED_ORIGINS'),
    sealing: reader.keyMaterial('SEALING_'),
    previousSealing: reader.keyMaterial('SEALING_PREVIOUS_'),
    sessionReviewMs: 1_000 * reader.seconds('SESSION_REVIEW_SECONDS', 10),
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
  if (reader.problems.length > 0) throw new SettingsError(reader.problems);
  return Object.freeze(settings);
}

const ISOLATIONS = ['MULTI_TENANT', 'PER_TENANT'] as const;

class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  text(name: string, fallback?: string): string {
    const value = this.env[name] || fallback;
    if (value === undefined) this.problems.push(`${name} is not set`);
    return value ?? '';
  }

  port(name: string, fallback: number): number {
    const text = this.text(name, String(fallback));
    const port = Number(text);
    if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
    this.problems.push(`${name} is not a port number`);
    return fallback;
  }

  seconds(name: string, fallback: number): number {
    const text = this.text(name, String(fallback));
    if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
    this.problems.push(`${name} is not a number of seconds`);
    return fallback;
  }

  url(name: string): string {
    const text = this.text(name);
    if (text === '') return '';
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol === 'http:' || url?.protocol === 'https:') return text.replace(/\/+$/, '');
    this.problems.push(`${name} is not an http or https URL`);
    return '';
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
    const text = this.text(name, fallback);
    const choice = choices.find(one => one.toLowerCase() === text.toLowerCase());
    if (choice === undefined) this.problems.push(`${name} is not one of ${choices.join(', ')}`);
    return choice ?? fallback;
  }

  account(prefix: string): ServiceAccount {
    return {
      tenant: this.text(`${prefix}TENANT`),
      user: this.text(`${prefix}USER`),
      password: new Secret(this.text(`${prefix}PASSWORD`)),
    };
  }

  addresses(name: string): BlockList {
    const list = new BlockList();
    for (const item of this.list(name)) {
      const [address = '', prefix, rest] = item.split('/');
      const version = isIP(address);
      const widest = version === 4 ? 32 : 128;
      const bits = prefix === undefined ? widest : Number(prefix || NaN);
      if (version === 0 || rest !== undefined || !(bits >= 0 && bits <= widest)) {
        this.problems.push(`${name}: "${item}" is not an IP address or a CIDR block`);
      } else {
        list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
      }
    }
    return list;
  }

  origins(name: string): readonly string[] {
    return this.list(name).map(item => {
      const origin = URL.canParse(item) ? new URL(item).origin : 'null';
      if (origin === 'null') this.problems.push(`${name}: "${item}" is not an origin`);
      return origin;
    });
  }

  keyMaterial(prefix: string): KeyMaterial | undefined {
    const password = this.env[`${prefix}PASSWORD`];
    const salt = this.env[`${prefix}SALT`];
    if (!password !== !salt) {
      this.problems.push(`${prefix}PASSWORD and ${prefix}SALT must be set together`);
    }
    return password && salt
      ? { password: new Secret(password), salt: new Secret(salt) }
      : undefined;
  }

  private list(name: string): string[] {
    const items = (this.env[name] ?? '').split(',').map(item => item.trim());
    return items.filter(item => item !== '');
  }
}
