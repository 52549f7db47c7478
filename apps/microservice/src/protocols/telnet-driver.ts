import type { Encoding } from '@remote-access/contracts';
import { asUtf8, LineModeStream, TelnetStream } from '@remote-access/telnet';
import type {
  Bridge,
  BridgeEnd,
  BridgeOpener,
  EndpointPlace,
  ProtocolDriver,
} from './protocol-driver';
import type { RawDriver } from './raw-driver';

/**
 * Ends Telnet here for clients of `remoteaccess.v1`, so that they get the bytes of a terminal.
 * Raw clients negotiate for themselves.
 */
export class TelnetDriver implements ProtocolDriver {
  constructor(private readonly raw: RawDriver) {}

  async prepare({ endpoint }: EndpointPlace): Promise<BridgeOpener> {
    const { name, encoding } = endpoint;
    const openRaw = await this.raw.prepare();
    return opening =>
      opening.speaksV1 ? Promise.resolve(bridge(opening, name, encoding)) : openRaw(opening);
  }
}

function bridge(
  { deviceSide, size }: Parameters<BridgeOpener>[0],
  name: string,
  encoding: Encoding = 'utf-8',
): Bridge {
  const telnet = new TelnetStream(deviceSide, { endpointName: name, encoding, size: size() });
  return {
    target: new LineModeStream(asUtf8(telnet, encoding), telnet),
    resize: newSize => telnet.resize(newSize),
    sendBreak: () => telnet.sendBreak(),
    end: () => endOf(telnet),
  };
}

function endOf({ failure }: TelnetStream): BridgeEnd {
  return failure ? { by: 'target', error: failure } : { by: 'target' };
}
