import { Global, Module } from '@nestjs/common';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointEditor } from './endpoint-editor';
import { EndpointKeyNormaliser } from './endpoint-key-normaliser';
import { EndpointListWriter } from './endpoint-list-writer';
import { EndpointSealer } from './endpoint-sealer';
import { EndpointsController } from './endpoints.controller';
import { ResealController, Resealer } from './resealer';

@Global()
@Module({
  controllers: [EndpointsController, ResealController],
  providers: [
    EndpointDirectory,
    EndpointEditor,
    EndpointKeyNormaliser,
    EndpointListWriter,
    EndpointSealer,
    Resealer,
  ],
  exports: [EndpointDirectory, EndpointEditor, EndpointKeyNormaliser, EndpointListWriter],
})
export class EndpointsModule {}
