import { Global, Module } from '@nestjs/common';
import { KeyWork } from './key-work';
import { KeypairController } from './keypair.controller';

@Global()
@Module({ controllers: [KeypairController], providers: [KeyWork], exports: [KeyWork] })
export class KeysModule {}
