import { Global, Module } from '@nestjs/common';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointEditor } from './endpoint-editor';
import { EndpointKeeper } from './endpoint-keeper';
import { EndpointKeys } from './endpoint-keys';
import { EndpointListWriter } from './endpoint-list-writer';
import { EndpointSealer } from './endpoint-sealer';
import { EndpointsController } from './endpoints.controller';

@Global()
@Module({
  controllers: [EndpointsController],
  providers: [
    EndpointDirectory,
    EndpointEditor,
    EndpointKeeper,
    EndpointKeys,
    EndpointListWriter,
    EndpointSealer,
  ],
  exports: [EndpointDirectory, EndpointKeeper, EndpointKeys, EndpointListWriter],
})
export class EndpointsModule {}
