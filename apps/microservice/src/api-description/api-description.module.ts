import { Module } from '@nestjs/common';
import { ApiDocument } from './api-document';
import { OpenapiController } from './openapi.controller';

@Module({ controllers: [OpenapiController], providers: [ApiDocument] })
export class ApiDescriptionModule {}
