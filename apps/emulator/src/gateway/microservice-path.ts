/** A segment `..` or `.`, in any spelling of it and of its separators. */
const CLIMBS = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\]|%2f|%5c)/i;

/**
 * Strips `/service/{contextPath}` from a request target and leaves the rest as it came.
 *
 * The prefix is compared as it stands on the wire: `//service`, `/service//…`, `%2f`, another case
 * or an absolute address are other paths. What climbs is nobody's path, so that no server behind
 * the gateway has to agree with it on what `..` means.
 *
 * @param target path and query as sent by the caller
 * @returns path and query for the microservice; `undefined` where the target is not one of its own
 */
export function microservicePath(target: string, contextPath: string): string | undefined {
  const prefix = `/service/${contextPath}`;
  if (!target.startsWith(prefix)) return undefined;
  const rest = target.slice(prefix.length);
  if (rest !== '' && !rest.startsWith('/') && !rest.startsWith('?')) return undefined;
  const [path = ''] = rest.split('?', 1);
  if (CLIMBS.test(path)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
