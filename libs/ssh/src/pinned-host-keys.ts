import { LIMITS, RemoteAccessError } from '@remote-access/contracts';
import { HostKey } from './host-key';

/** The keys a server is expected to have. */
export class PinnedHostKeys {
  private constructor(private readonly keys: readonly HostKey[]) {}

  /**
   * Reads what is stored with an endpoint: one or several lines `type base64 [comment]`, as in
   * OpenSSH's public key files.
   * @throws RemoteAccessError `credentials-unusable` for text that is no key: a pin that cannot be
   *   read must not open the session as if there were none.
   */
  static parse(text: string | null | undefined): PinnedHostKeys {
    if (text === null || text === undefined || text === '') return new PinnedHostKeys([]);
    if (text.length > LIMITS.key) throw unreadable();
    const lines = text.split(/\r?\n/).filter(line => line.trim() !== '');
    if (lines.length === 0) throw unreadable();
    return new PinnedHostKeys(lines.map(parseLine));
  }

  get isEmpty(): boolean {
    return this.keys.length === 0;
  }

  get all(): readonly HostKey[] {
    return this.keys;
  }

  get types(): readonly string[] {
    return this.keys.map(({ type }) => type);
  }

  has(key: HostKey): boolean {
    return this.keys.some(pinned => pinned.equals(key));
  }
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function parseLine(line: string): HostKey {
  const [type, base64] = line.trim().split(/[ \t]+/);
  if (!base64 || !BASE64.test(base64)) throw unreadable();
  const key = HostKey.fromBlob(Buffer.from(base64, 'base64'));
  if (!key || key.type !== type) throw unreadable();
  return key;
}

function unreadable(): RemoteAccessError {
  return new RemoteAccessError('credentials-unusable', {
    detail:
      'The host key stored with this endpoint cannot be read, so the server cannot be verified. ' +
      'Nothing was sent to it. Enter the host key again or remove it.',
  });
}
