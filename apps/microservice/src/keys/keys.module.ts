import { Global, Module } from '@nestjs/common';
import { KeyGenerator } from './key-generator';
import { KeyInspector } from './key-inspector';
import { KeyReader } from './key-reader';
import { KeyWork } from './key-work';
import { KeypairController } from './keypair.controller';

@Global()
@Module({
  controllers: [KeypairController],
  providers: [KeyGenerator, KeyInspector, KeyReader, KeyWork],
  exports: [KeyInspector, KeyReader],
})
export class KeysModule {}
