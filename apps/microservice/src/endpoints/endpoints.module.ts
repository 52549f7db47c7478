import { Global, Module } from '@nestjs/common';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointEditor } from './endpoint-editor';
import { EndpointKeys } from './endpoint-keys';
import { EndpointSealer } from './endpoint-sealer';
import { EndpointsController } from './endpoints.controller';

@Global()
@Module({
  controllers: [EndpointsController],
  providers: [EndpointDirectory, EndpointEditor, EndpointKeys, EndpointSealer],
  exports: [EndpointDirectory],
})
export class EndpointsModule {}
