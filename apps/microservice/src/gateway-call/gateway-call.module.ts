import { Global, Module } from '@nestjs/common';
import { DeviceGateway } from './device.gateway';
import { GatewayCalls } from './gateway-calls';

@Global()
@Module({ providers: [DeviceGateway, GatewayCalls], exports: [GatewayCalls] })
export class GatewayCallModule {}
