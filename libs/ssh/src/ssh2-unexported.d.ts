// Unexported parts of ssh2, used only by ssh2-internals.ts.
declare module 'ssh2/lib/protocol/utils.js' {
  /** Sends a packet now, or after the key exchange in progress. */
  export function sendPacket(protocol: object, packet: unknown): boolean;
  /** Converts a signature of node:crypto to SSH's format. */
  export function convertSignature(signature: Buffer, keyType: string): Buffer | false | undefined;
}
