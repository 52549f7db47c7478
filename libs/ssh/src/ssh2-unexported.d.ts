// Parts of ssh2 that it does not export; ssh2-internals.ts is their only user.
declare module 'ssh2/lib/protocol/utils.js' {
  /** Sends a packet now, or after the exchange of keys that is under way. */
  export function sendPacket(protocol: object, packet: unknown): boolean;
  /** From what node:crypto signs to what SSH sends. */
  export function convertSignature(signature: Buffer, keyType: string): Buffer | false | undefined;
}
