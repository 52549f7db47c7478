import { Module } from '@nestjs/common';
import { EndpointExporter } from './endpoint-exporter';
import { EndpointImporter } from './endpoint-importer';
import { TransferController } from './transfer.controller';

@Module({ controllers: [TransferController], providers: [EndpointExporter, EndpointImporter] })
export class TransferModule {}
