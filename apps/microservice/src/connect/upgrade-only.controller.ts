import { All, Controller } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { RemoteAccessError } from '@remote-access/contracts';

/** The addresses of WebSockets, requested without an upgrade. */
@Controller()
@ApiExcludeController()
export class UpgradeOnlyController {
  @All(['client/:deviceId/configurations/:endpointId', 'device/:connectionKey'])
  refuse(): never {
    throw new RemoteAccessError('method-not-allowed', {
      detail: 'This address only accepts WebSockets.',
    });
  }
}
