/** What a parameter may be made of. Nothing else is decoded, so there is one spelling only. */
const PARAMETER = '[\\w-]{1,128}';

export type RouteParameters = Readonly<Record<string, string>>;

/**
 * A path with parameters, such as `/client/:deviceId/configurations/:configId`. It matches exactly:
 * no other case, no slash at the end, no `%2f`, `//` or `..`.
 */
export class RoutePattern {
  private readonly expression: RegExp;

  constructor(readonly text: string) {
    const source = text.replace(/:(\w+)/g, `(?<$1>${PARAMETER})`);
    this.expression = new RegExp(`^${source}$`);
  }

  /** @returns the parameters, or `undefined` when the path is another one */
  match(path: string): RouteParameters | undefined {
    const found = this.expression.exec(path);
    return found ? { ...found.groups } : undefined;
  }
}
