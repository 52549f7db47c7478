import { Controller, Get, type INestApplication, Injectable, Module } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ApiRoute } from './api-route';
import { endpointSchemas, transferSchemas } from './endpoint-schemas';
import { hostKeySchemas, keySchemas } from './key-schemas';
import { resealSchemas, serviceSchemas } from './service-schemas';
import { sessionSchemas } from './session-schemas';

/** What stands for which thing in an address. */
const PARAMETERS: Readonly<Record<string, { description: string; example: string }>> = {
  deviceId: { description: 'Id of the managed object of the gateway.', example: '1001' },
  id: { description: 'Id of the endpoint on its gateway.', example: '1' },
  sessionId: {
    description: 'Id of a running session.',
    example: '1f3cba164a2e4a4b9d5c0a7cf7b4c8ce',
  },
  endpointId: { description: 'Id of the endpoint on its gateway.', example: '1' },
};

const DESCRIPTION = [
  'Endpoints behind gateways, the keys to them, and tickets to connect.',
  'Sessions themselves run over WebSocket, which docs/wire.md describes.',
  'HEAD is answered wherever GET is.',
].join(' ');

/** The description of the whole API, made of the controllers when the service starts. */
@Injectable()
export class ApiDocument {
  private made: OpenAPIObject | undefined;

  /** @throws Error before the service has started */
  get document(): OpenAPIObject {
    if (!this.made) throw new Error('The description of the API is not made yet');
    return this.made;
  }

  /** The OpenAPI version is the one whose form @nestjs/swagger writes. */
  describe(app: INestApplication): void {
    const frame = new DocumentBuilder()
      .setTitle('Cloud Remote Access')
      .setDescription(DESCRIPTION)
      .setVersion('1')
      .addServer('/service/remoteaccess', 'As the platform shows it to its users')
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
        if (body && 'content' in body) asTexts(body.content);
      }
    }
    this.made = document;
  }
}

/** The library gives every media type of a body the schema of the JSON one. */
function asTexts(content: Record<string, object>): void {
  for (const type of Object.keys(content).filter(name => name.startsWith('text/'))) {
    content[type] = { schema: { type: 'string' } };
  }
}

/** The description of the API; it holds nothing that is not in the sources. */
@Controller('openapi.json')
export class OpenapiController {
  constructor(private readonly api: ApiDocument) {}

  @Get()
  @ApiRoute({
    summary: 'This description',
    answers: [{ status: 200, text: 'An OpenAPI document.', schema: { type: 'object' } }],
    open: true,
  })
  show(): OpenAPIObject {
    return this.api.document;
  }
}

@Module({ controllers: [OpenapiController], providers: [ApiDocument] })
export class ApiDescriptionModule {}
