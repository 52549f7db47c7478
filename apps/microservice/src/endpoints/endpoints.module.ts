import { Global, Module } from '@nestjs/common';
import { ConfirmController } from './confirm.controller';
import { EndpointConfirmer } from './endpoint-confirmer';
import { EndpointDirectory } from './endpoint-directory';
import { EndpointEditor } from './endpoint-editor';
import { EndpointKeyNormaliser } from './endpoint-key-normaliser';
import { EndpointListWriter } from './endpoint-list-writer';
import { EndpointMigration } from './endpoint-migration';
import { EndpointSealer } from './endpoint-sealer';
import { EndpointsController } from './endpoints.controller';
import { EntryAuthenticity } from './entry-authenticity';
import { EntryBuilder } from './entry-builder';
import { ResealController, Resealer } from './resealer';

@Global()
@Module({
  controllers: [ConfirmController, EndpointsController, ResealController],
  providers: [
    EndpointDirectory,
    EndpointEditor,
    EndpointConfirmer,
    EndpointKeyNormaliser,
    EndpointListWriter,
    EndpointMigration,
    EndpointSealer,
    EntryAuthenticity,
    EntryBuilder,
    Resealer,
  ],
  exports: [
    EndpointDirectory,
    EndpointEditor,
    EndpointKeyNormaliser,
    EndpointListWriter,
    EntryAuthenticity,
    EntryBuilder,
  ],
})
export class EndpointsModule {}
