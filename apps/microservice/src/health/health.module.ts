import { Module } from '@nestjs/common';
import { HealthController } from './health.controller';
import { KeyMaterialCheck } from './key-material-check';

@Module({ controllers: [HealthController], providers: [KeyMaterialCheck] })
export class HealthModule {}
