import { tcpTarget } from '../sockets/tcp-target';
import { NO_SECURITY } from './password-security';
import { uint16, uint32, VncPeer, type VncSecurity, type VncUser } from './vnc-peer';

export interface ScriptedVncOptions {
  /** The announced version, e.g. `005.000`. */
  readonly version: string;
  /** The security types; None by default. A 3.3 server uses the first one. */
  readonly security?: readonly VncSecurity[];
  readonly user?: VncUser;
  readonly screenName?: string;
  /** Sent when the client requests the screen for the first time. */
  readonly picture?: Buffer;
  /** Whether bytes after the handshake are echoed. */
  readonly echoes?: boolean;
  /** How it refuses a sign-in; by default with a result and a reason. */
  readonly refuses?:
    | 'with a result alone'
    | 'by hanging up'
    | 'by silence'
    | 'after an OK'
    | 'after an OK and arbitrary bytes';
}

type Refusal = NonNullable<ScriptedVncOptions['refuses']>;

export interface ScriptedVnc {
  readonly port: number;
  readonly user: VncUser;
  /** The versions that clients chose, e.g. `003.008`. */
  readonly answeredVersions: readonly string[];
  /** The security types that clients chose. */
  readonly chosenTypes: readonly number[];
  /** The shared flags of ClientInit: 0 if a client wants the others disconnected. */
  readonly sharedFlags: readonly number[];
  /** Bytes that clients sent after the handshake. */
  readonly received: () => Buffer;
  stop(): Promise<void>;
}

/** The password is ASCII, because clients encode other characters differently. */
const USER: VncUser = { username: 'operatör', password: 'panel 42' };
const SIZE = { width: 320, height: 200 };
/** 32 bits per pixel, true colour, 8 bits per channel. */
const PIXEL_FORMAT = Buffer.of(32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0);

/** What wayvnc 0.5.0 sends instead of a reason for refusing, from uninitialized memory. */
const WAYVNC_BYTES = Buffer.from(
  '1c000000000000000000000000a97aa4b3550000664e641a8c7f000030',
  'hex',
);

/**
 * A scripted VNC server, for versions, security types and pictures that no free server offers. It
 * authenticates the client, describes its screen, and sends nothing else but a picture if it has one.
 */
export async function startScriptedVnc(options: ScriptedVncOptions): Promise<ScriptedVnc> {
  const { security = [NO_SECURITY], user = USER, screenName = 'Scripted' } = options;
  const answeredVersions: string[] = [];
  const chosenTypes: number[] = [];
  const sharedFlags: number[] = [];
  let received = Buffer.alloc(0);

  const chooseSecurity = async (peer: VncPeer, client: string): Promise<VncSecurity> => {
    if (client < '003.007') {
      peer.send(uint32(security[0]!.type));
      return security[0]!;
    }
    peer.send([security.length], Buffer.from(security.map(({ type }) => type)));
    const [chosen = 0] = await peer.take(1);
    chosenTypes.push(chosen);
    return security.find(({ type }) => type === chosen) ?? NO_SECURITY;
  };

  const serve = async (peer: VncPeer): Promise<void> => {
    peer.send(`RFB ${options.version}\n`);
    const client = (await peer.take(12)).toString().slice(4, 11);
    answeredVersions.push(client);
    const chosen = await chooseSecurity(peer, client);
    const isAccepted = await chosen.check(peer, user);
    if (!isAccepted && options.refuses) return refuse(peer, options.refuses);
    if (client === '003.008' || chosen.type !== NO_SECURITY.type) {
      peer.send(uint32(isAccepted ? 0 : 1));
    }
    if (!isAccepted) {
      const reason = Buffer.from('Authentication failure');
      if (client === '003.008') peer.send(uint32(reason.length), reason);
      peer.end();
      return;
    }
    sharedFlags.push(...(await peer.take(1)));
    const name = Buffer.from(screenName);
    const size = Buffer.concat([uint16(SIZE.width), uint16(SIZE.height)]);
    const trailer = chosen.initTrailer ?? Buffer.alloc(0);
    peer.send(size, PIXEL_FORMAT, uint32(name.length), name, trailer);
    if (options.picture) {
      await requestOfPicture(peer);
      peer.send(options.picture);
    }
    for (;;) {
      const bytes = await peer.takeSome();
      received = Buffer.concat([received, bytes]);
      if (options.echoes) peer.send(bytes);
    }
  };

  const refuse = async (peer: VncPeer, how: Refusal): Promise<void> => {
    if (how === 'with a result alone') peer.send(uint32(1));
    if (how === 'after an OK') {
      peer.send(uint32(0));
      await peer.take(1);
    }
    if (how === 'after an OK and arbitrary bytes') peer.send(uint32(0), WAYVNC_BYTES);
    if (how !== 'by silence') peer.end();
  };

  const target = await tcpTarget(socket => {
    serve(new VncPeer(socket)).catch(() => socket.destroy());
  });
  return {
    port: target.port,
    user,
    answeredVersions,
    chosenTypes,
    sharedFlags,
    received: () => received,
    stop: () => target.stop(),
  };
}

/** The lengths of SetPixelFormat and FramebufferUpdateRequest (RFC 6143, section 7.5). */
const SET_PIXEL_FORMAT_BYTES = 20;
const UPDATE_REQUEST_BYTES = 10;

/** Reads what a client says before it requests the screen for the first time. */
async function requestOfPicture(peer: VncPeer): Promise<void> {
  for (;;) {
    const [type] = await peer.take(1);
    switch (type) {
      case 0:
        await peer.take(SET_PIXEL_FORMAT_BYTES - 1);
        break;
      case 2:
        await peer.take(4 * (await peer.take(3)).readUInt16BE(1));
        break;
      case 3:
        await peer.take(UPDATE_REQUEST_BYTES - 1);
        return;
      default:
        throw new Error(`The client sent message ${type}`);
    }
  }
}
