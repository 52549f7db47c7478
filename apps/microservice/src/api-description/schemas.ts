import type { OpenAPIObject } from '@nestjs/swagger';

type Components = NonNullable<OpenAPIObject['components']>;

/** OpenAPI 3.0 schemas by name. */
export type Schemas = NonNullable<Components['schemas']>;

/** A schema or a reference to one. */
export type Schema = Schemas[string];

/** A reference to a named schema. */
export function schemaRef(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** The same properties for a body where null means absent. */
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

/** A string that may be null. */
export function textOrNull(description: string, maxLength?: number): Schema {
  const bound = maxLength === undefined ? {} : { maxLength };
  return { type: 'string', nullable: true, description, ...bound };
}
