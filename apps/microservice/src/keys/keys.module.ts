import { Global, Module } from '@nestjs/common';
import { KeyInspector, KeyReader } from '@remote-access/ssh-keys';
import { KeyWork } from './key-work';
import { KeypairController } from './keypair.controller';

@Global()
@Module({
  controllers: [KeypairController],
  providers: [
    KeyWork,
    {
      provide: KeyReader,
      useFactory: (work: KeyWork) => new KeyReader(work.derive),
      inject: [KeyWork],
    },
    {
      provide: KeyInspector,
      useFactory: (reader: KeyReader) => new KeyInspector(reader),
      inject: [KeyReader],
    },
  ],
  exports: [KeyInspector, KeyReader],
})
export class KeysModule {}
