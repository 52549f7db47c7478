import { Global, Module } from '@nestjs/common';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointEditor } from './endpoint-editor';
import { EndpointSealer } from './endpoint-sealer';
import { EndpointsController } from './endpoints.controller';

@Global()
@Module({
  controllers: [EndpointsController],
  providers: [EndpointDirectory, EndpointEditor, EndpointSealer],
  exports: [EndpointDirectory],
})
export class EndpointsModule {}
