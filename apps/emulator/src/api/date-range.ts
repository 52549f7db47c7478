/** Whether a time lies between `dateFrom` and `dateTo` of a query, both included. */
export function inDateRange(time: string, query: URLSearchParams): boolean {
  const from = query.get('dateFrom');
  const to = query.get('dateTo');
  const at = Date.parse(time);
  return (!from || at >= Date.parse(from)) && (!to || at <= Date.parse(to));
}
