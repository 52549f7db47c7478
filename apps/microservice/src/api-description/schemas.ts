import type { OpenAPIObject } from '@nestjs/swagger';

type Components = NonNullable<OpenAPIObject['components']>;

/** Schemas of OpenAPI 3.0 by their names in the description. */
export type Schemas = NonNullable<Components['schemas']>;

/** A schema, or where one stands. */
export type Schema = Schemas[string];

/** Where a schema of the description stands. */
export function schemaRef(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** The same properties for a body in which null stands for absent. */
export function nullable(properties: Schemas): Schemas {
  const entries = Object.entries(properties).map(([name, schema]) => [
    name,
    {
      ...schema,
      nullable: true,
      ...('enum' in schema ? { enum: [...(schema.enum as unknown[]), null] } : {}),
    },
  ]);
  return Object.fromEntries(entries) as Schemas;
}

/** A text that is null where it is not used. */
export function textOrNull(description: string, maxLength?: number): Schema {
  const bound = maxLength === undefined ? {} : { maxLength };
  return { type: 'string', nullable: true, description, ...bound };
}
