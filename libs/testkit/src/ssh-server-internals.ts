import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';

/** Internals of ssh2 that an honest server does not need. */
export interface ServerProtocol {
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(length: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _hostKeys: Record<string, unknown>;
  readonly _handlers: Record<string, unknown>;
  _offer: { readonly lists: { kex: { array: string[]; buffer: Buffer }; all: Buffer } };
  _strictMode: boolean | undefined;
  requestSuccess(data: Buffer): void;
  disconnect(reason: number): void;
}

/** Sends the payload of a packet. */
export function send(client: Connection, payload: Buffer): void {
  const { _packetRW, _cipher } = protocolOf(client);
  const start = _packetRW.write.allocStart;
  const packet = _packetRW.write.alloc(payload.length);
  packet.set(payload, start);
  _cipher.encrypt(_packetRW.write.finalize(packet));
}

export function protocolOf(client: Connection): ServerProtocol {
  return (client as unknown as { _protocol: ServerProtocol })._protocol;
}

export function socketOf(client: Connection): Socket {
  return (client as unknown as { _sock: Socket })._sock;
}

/** Strings as in RFC 4251, section 5. */
export function strings(...values: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap(value => {
      const bytes = Buffer.from(value as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
