import type {
  ConfirmReport,
  Endpoint,
  EndpointBody,
  OutsideChange,
  RemoteAccessSettings,
  RunningSession,
  SecretField,
} from '@remote-access/contracts';
import type { PlatformCalls } from '../host/platform-calls';
import { Refusal } from '../ui/refusal';
import type { ChangedEntry } from './changed-entry';

/** An endpoint as listed by the service, with the reasons why it cannot be used. */
export interface EndpointEntry extends Endpoint {
  /** Problems of an entry that was written without the service. */
  damaged?: readonly string[];
  /** Present if a user has to confirm what another program wrote. */
  changed?: OutsideChange;
  /** Stored secrets that cannot be decrypted for this endpoint. */
  unreadable?: readonly SecretField[];
}

export interface EndpointVersion {
  readonly endpoint: EndpointEntry;
  readonly etag?: string;
}

/** Reads and writes the endpoints of one gateway. */
export class EndpointClient {
  private readonly path: string;
  private readonly sessionsPath: string;

  constructor(
    private readonly platform: PlatformCalls,
    private readonly deviceId: string,
  ) {
    const device = `/service/remoteaccess/devices/${encodeURIComponent(deviceId)}`;
    this.path = `${device}/configurations`;
    this.sessionsPath = `${device}/sessions`;
  }

  async list(): Promise<EndpointEntry[] | Refusal> {
    const { status, body } = await this.platform.call('GET', this.path);
    return status === 200 && Array.isArray(body)
      ? (body as EndpointEntry[])
      : Refusal.of(status, body);
  }

  async find(endpointId: string): Promise<Endpoint | Refusal> {
    const { status, body } = await this.platform.call('GET', this.pathOf(endpointId));
    return status === 200 ? (body as Endpoint) : Refusal.of(status, body);
  }

  /** An endpoint with its version, for {@link save}. */
  async version(endpointId: string): Promise<EndpointVersion | Refusal> {
    const { status, body, etag } = await this.platform.call('GET', this.pathOf(endpointId));
    if (status !== 200) return Refusal.of(status, body);
    return { endpoint: body as EndpointEntry, ...(etag === undefined ? {} : { etag }) };
  }

  /**
   * @param etag the version that was edited; if absent, the last edit wins
   * @returns the refusal `endpoint-modified` if the version has changed in the meantime
   */
  async save(body: EndpointBody, endpointId?: string, etag?: string): Promise<Endpoint | Refusal> {
    const { status, body: answer } =
      endpointId === undefined
        ? await this.platform.call('POST', this.path, body)
        : await this.platform.call('PUT', this.pathOf(endpointId), body, { ifMatch: etag });
    return status === 200 || status === 201 ? (answer as Endpoint) : Refusal.of(status, answer);
  }

  /** @returns `undefined` if the endpoint was removed */
  async remove(endpointId: string): Promise<Refusal | undefined> {
    const { status, body } = await this.platform.call('DELETE', this.pathOf(endpointId));
    return status === 200 || status === 204 ? undefined : Refusal.of(status, body);
  }

  /**
   * Confirms an endpoint in the state that was shown.
   * @param password required unless the stored one can be read
   */
  async confirm(
    { id, changed: { seen } }: ChangedEntry,
    password?: string,
  ): Promise<Refusal | undefined> {
    const body = { seen, ...(password === undefined ? {} : { password }) };
    const answer = await this.platform.call('POST', `${this.pathOf(id)}/confirm`, body);
    return answer.status === 200 ? undefined : Refusal.of(answer.status, answer.body);
  }

  /** Confirms several endpoints, each in the state that was shown. */
  async confirmAll(entries: readonly ChangedEntry[]): Promise<ConfirmReport | Refusal> {
    const { deviceId } = this;
    const endpoints = entries.map(({ id, changed: { seen } }) => ({ deviceId, id, seen }));
    const path = '/service/remoteaccess/configurations/confirm';
    const { status, body } = await this.platform.call('POST', path, { endpoints });
    return status === 200 ? (body as ConfirmReport) : Refusal.of(status, body);
  }

  /** Users with a session on an endpoint; empty if the service does not reveal them. */
  async usersOf(endpointId: string): Promise<string[]> {
    const { status, body } = await this.platform.call('GET', this.sessionsPath);
    if (status !== 200 || !Array.isArray(body)) return [];
    const sessions = (body as RunningSession[]).filter(one => one.endpointId === endpointId);
    return [...new Set(sessions.map(({ user }) => user))];
  }

  /** Whether the tenant's administrator has disabled remote access. */
  async isSwitchedOff(): Promise<boolean> {
    const { status, body } = await this.platform.call('GET', '/service/remoteaccess/settings');
    return status === 200 && (body as Partial<RemoteAccessSettings>).enabled === false;
  }

  private pathOf(endpointId: string): string {
    return `${this.path}/${encodeURIComponent(endpointId)}`;
  }
}
