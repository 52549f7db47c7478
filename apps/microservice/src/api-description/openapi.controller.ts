import { Controller, Get } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ApiDocument } from './api-document';
import { Described } from './described';

/** The description of the API; it holds nothing that is not in the sources. */
@Controller('openapi.json')
export class OpenapiController {
  constructor(private readonly api: ApiDocument) {}

  @Get()
  @Described({
    summary: 'This description',
    answers: [{ status: 200, text: 'An OpenAPI document.', schema: { type: 'object' } }],
    open: true,
  })
  show(): OpenAPIObject {
    return this.api.document;
  }
}
