import { Module } from '@nestjs/common';
import { ResealController } from './reseal.controller';
import { Resealer } from './resealer';

@Module({ controllers: [ResealController], providers: [Resealer] })
export class ResealModule {}
