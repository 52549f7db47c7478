import type { Endpoint, EndpointOptions } from '@remote-access/contracts';
import { asUtf8, LineModeStream, TelnetStream } from '@remote-access/telnet';
import type { Bridge, BridgeOpener, BridgeOpening, BridgeOutcome } from '../sessions/bridge';
import type { LocatedEndpoint, ProtocolDriver, RawDriver } from './protocol-driver';

/**
 * Terminates Telnet in the service for clients of `remoteaccess.v1`, so that they receive a
 * terminal's bytes. Raw clients negotiate themselves.
 */
export class TelnetDriver implements ProtocolDriver {
  constructor(private readonly raw: RawDriver) {}

  async prepare({ endpoint }: LocatedEndpoint): Promise<BridgeOpener> {
    const { name, encoding, locale, localEcho } = endpoint;
    const openRaw = await this.raw.prepare();
    return opening =>
      opening.speaksV1
        ? Promise.resolve(bridgeTo(opening, { name, encoding, locale, localEcho }))
        : openRaw(opening);
  }
}

type TelnetEndpoint = Pick<Endpoint, 'name'> &
  OrUndefined<Pick<EndpointOptions, 'encoding' | 'locale' | 'localEcho'>>;

type OrUndefined<Options> = { [Name in keyof Options]: Options[Name] | undefined };

function bridgeTo(
  { deviceSide, size }: BridgeOpening,
  { name, encoding = 'utf-8', locale, localEcho }: TelnetEndpoint,
): Bridge {
  const telnet = new TelnetStream(deviceSide, {
    endpointName: name,
    encoding,
    locale,
    size: size(),
  });
  return {
    target: new LineModeStream(asUtf8(telnet, encoding), telnet, {
      alwaysEchoes: localEcho === true,
    }),
    streams: [telnet],
    resize: newSize => telnet.resize(newSize),
    sendBreak: () => telnet.sendBreak(),
    outcome: () => outcomeOf(telnet),
  };
}

function outcomeOf({ failure }: TelnetStream): BridgeOutcome {
  return failure ? { by: 'target', error: failure } : { by: 'target' };
}
