import type { Encoding } from '@remote-access/contracts';
import { asUtf8, LineModeStream, TelnetStream } from '@remote-access/telnet';
import type { Bridge, BridgeOpener, BridgeOpening, BridgeOutcome } from '../sessions/bridge';
import type { EndpointPlace, ProtocolDriver, RawDriver } from './protocol-driver';

/**
 * Terminates Telnet in the service for clients of `remoteaccess.v1`, so that they get the bytes of
 * a terminal. Raw clients negotiate for themselves.
 */
export class TelnetDriver implements ProtocolDriver {
  constructor(private readonly raw: RawDriver) {}

  async prepare({ endpoint }: EndpointPlace): Promise<BridgeOpener> {
    const { name, encoding } = endpoint;
    const openRaw = await this.raw.prepare();
    return opening =>
      opening.speaksV1 ? Promise.resolve(bridgeTo(opening, name, encoding)) : openRaw(opening);
  }
}

function bridgeTo(
  { deviceSide, size }: BridgeOpening,
  name: string,
  encoding: Encoding = 'utf-8',
): Bridge {
  const telnet = new TelnetStream(deviceSide, { endpointName: name, encoding, size: size() });
  return {
    target: new LineModeStream(asUtf8(telnet, encoding), telnet),
    streams: [telnet],
    resize: newSize => telnet.resize(newSize),
    sendBreak: () => telnet.sendBreak(),
    outcome: () => outcomeOf(telnet),
  };
}

function outcomeOf({ failure }: TelnetStream): BridgeOutcome {
  return failure ? { by: 'target', error: failure } : { by: 'target' };
}
