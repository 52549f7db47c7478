import { tcpTarget } from '../tcp-target';
import { NO_SECURITY } from './password-security';
import { uint16, uint32, VncPeer, type VncSecurity, type VncUser } from './vnc-peer';

export interface ScriptedVncOptions {
  /** As it is announced, e.g. `005.000`. */
  readonly version: string;
  /** The ways to sign in; None alone by default. A server of 3.3 takes the first. */
  readonly security?: readonly VncSecurity[];
  readonly user?: VncUser;
  readonly screenName?: string;
  /** Whether what comes behind the handshake is answered with the same bytes. */
  readonly echoes?: boolean;
}

export interface ScriptedVnc {
  readonly port: number;
  readonly user: VncUser;
  /** What clients answered to the version, e.g. `003.008`. */
  readonly answeredVersions: readonly string[];
  /** What clients chose. */
  readonly chosenTypes: readonly number[];
  /** All that clients said behind the handshake. */
  readonly received: () => Buffer;
  stop(): Promise<void>;
}

/** Clients do not agree on the bytes of a VNC password beyond ASCII. */
const USER: VncUser = { username: 'operatör', password: 'panel 42' };
const SIZE = { width: 320, height: 200 };
/** 32 bits, true colour, 8 bits each. */
const PIXEL_FORMAT = Buffer.of(32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0);

/**
 * A VNC server that keeps to a script, for versions and ways to sign in that no free server has:
 * it signs in, shows a screen that never changes, and says nothing else.
 */
export async function startScriptedVnc(options: ScriptedVncOptions): Promise<ScriptedVnc> {
  const { security = [NO_SECURITY], user = USER, screenName = 'Scripted' } = options;
  const answeredVersions: string[] = [];
  const chosenTypes: number[] = [];
  let received = Buffer.alloc(0);

  const chooseSecurity = async (peer: VncPeer, client: string): Promise<VncSecurity> => {
    if (client < '003.007') {
      peer.say(uint32(security[0]!.type));
      return security[0]!;
    }
    peer.say([security.length], Buffer.from(security.map(({ type }) => type)));
    const [chosen = 0] = await peer.take(1);
    chosenTypes.push(chosen);
    return security.find(({ type }) => type === chosen) ?? NO_SECURITY;
  };

  const serve = async (peer: VncPeer): Promise<void> => {
    peer.say(`RFB ${options.version}\n`);
    const client = (await peer.take(12)).toString().slice(4, 11);
    answeredVersions.push(client);
    const chosen = await chooseSecurity(peer, client);
    const isWelcome = await chosen.check(peer, user);
    if (client === '003.008' || chosen.type !== NO_SECURITY.type) {
      peer.say(uint32(isWelcome ? 0 : 1));
    }
    if (!isWelcome) {
      const reason = Buffer.from('Authentication failure');
      if (client === '003.008') peer.say(uint32(reason.length), reason);
      peer.socket.end();
      return;
    }
    await peer.take(1);
    const name = Buffer.from(screenName);
    const size = Buffer.concat([uint16(SIZE.width), uint16(SIZE.height)]);
    const trailer = chosen.initTrailer ?? Buffer.alloc(0);
    peer.say(size, PIXEL_FORMAT, uint32(name.length), name, trailer);
    for (;;) {
      const bytes = await peer.takeSome();
      received = Buffer.concat([received, bytes]);
      if (options.echoes) peer.say(bytes);
    }
  };

  const target = await tcpTarget(socket => {
    serve(new VncPeer(socket)).catch(() => socket.destroy());
  });
  return {
    port: target.port,
    user,
    answeredVersions,
    chosenTypes,
    received: () => received,
    stop: () => target.stop(),
  };
}
