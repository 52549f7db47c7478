import { Controller, Get, type INestApplication, Injectable, Module } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ApiRoute } from './api-route';
import { confirmationSchemas } from './confirmation-schemas';
import { endpointSchemas, transferSchemas } from './endpoint-schemas';
import { hostKeySchemas, keySchemas } from './key-schemas';
import { resealSchemas, serviceSchemas } from './service-schemas';
import { sessionSchemas } from './session-schemas';

/** Path parameters by name. */
const PARAMETERS: Readonly<Record<string, { description: string; example: string }>> = {
  deviceId: { description: "Id of the gateway's managed object.", example: '1001' },
  id: { description: 'Id of the endpoint on its gateway.', example: '1' },
  sessionId: {
    description: 'Id of a running session.',
    example: '1f3cba164a2e4a4b9d5c0a7cf7b4c8ce',
  },
  endpointId: { description: 'Id of the endpoint on its gateway.', example: '1' },
};

const DESCRIPTION = [
  'Manages the endpoints behind gateways and their SSH keys, and issues tickets to connect.',
  'Sessions run over WebSocket; see docs/wire.md.',
  'Every route that supports GET supports HEAD.',
].join(' ');

/** The OpenAPI document, generated from the controllers when the service starts. */
@Injectable()
export class ApiDocument {
  private generated: OpenAPIObject | undefined;

  /** @throws Error before the service has started */
  get document(): OpenAPIObject {
    if (!this.generated) throw new Error('The API description is generated at start-up');
    return this.generated;
  }

  /** Uses the OpenAPI version that @nestjs/swagger supports. */
  generate(app: INestApplication): void {
    const frame = new DocumentBuilder()
      .setTitle('Cloud Remote Access')
      .setDescription(DESCRIPTION)
      .setVersion('1')
      .addServer('/service/remoteaccess', 'Through the platform')
      .addBasicAuth(
        { type: 'http', scheme: 'basic', description: 'tenant/user and password' },
        'basic',
      )
      .addBearerAuth({ type: 'http', scheme: 'bearer' }, 'bearer')
      .addApiKey({ type: 'apiKey', in: 'cookie', name: 'authorization' }, 'cookie')
      .addApiKey({ type: 'apiKey', in: 'header', name: 'X-XSRF-TOKEN' }, 'xsrf')
      .addSecurityRequirements('basic')
      .addSecurityRequirements('bearer')
      .addSecurityRequirements({ cookie: [], xsrf: [] })
      .build();
    const document = SwaggerModule.createDocument(app, frame, {
      operationIdFactory: (controller, method) =>
        `${controller.replace(/Controller$/, '')}.${method}`,
    });
    document.components = {
      ...document.components,
      schemas: {
        ...document.components?.schemas,
        ...confirmationSchemas,
        ...endpointSchemas,
        ...keySchemas,
        ...hostKeySchemas,
        ...serviceSchemas,
        ...sessionSchemas,
        ...transferSchemas,
        ...resealSchemas,
      },
    };
    for (const path of Object.values(document.paths)) {
      for (const operation of [path.get, path.put, path.post, path.patch, path.delete]) {
        for (const parameter of operation?.parameters ?? []) {
          if ('name' in parameter) Object.assign(parameter, PARAMETERS[parameter.name]);
        }
        const body = operation?.requestBody;
        if (body && 'content' in body) describeTextBodies(body.content);
      }
    }
    this.generated = document;
  }
}

/** Corrects text bodies: the library gives all media types of a body the JSON schema. */
function describeTextBodies(content: Record<string, object>): void {
  for (const type of Object.keys(content).filter(name => name.startsWith('text/'))) {
    content[type] = { schema: { type: 'string' } };
  }
}

/** Public, because the document reveals nothing that the sources do not. */
@Controller('openapi.json')
export class OpenapiController {
  constructor(private readonly api: ApiDocument) {}

  @Get()
  @ApiRoute({
    summary: 'Returns this API description',
    answers: [{ status: 200, text: 'An OpenAPI document.', schema: { type: 'object' } }],
    open: true,
  })
  show(): OpenAPIObject {
    return this.api.document;
  }
}

@Module({ controllers: [OpenapiController], providers: [ApiDocument] })
export class ApiDescriptionModule {}
