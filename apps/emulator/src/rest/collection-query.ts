import { type PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { PublicCall } from './call';

/** The platform's default. */
const DEFAULT_PAGE_SIZE = 5;

/** The platform's maximum. */
const MAX_PAGE_SIZE = 2_000;

/** Statistics of a page of a collection. */
interface PageStatistics {
  currentPage: number;
  pageSize: number;
  totalPages?: number;
  totalElements?: number;
}

/** One page of a collection, with the links to its neighbours. */
export interface Page<Item> {
  items: Item[];
  frame: { self: string; next?: string; prev?: string; statistics: PageStatistics };
}

/** The page that the query asks for (`pageSize`, `currentPage`, `withTotal…`). */
export function pageOf<Item>(all: readonly Item[], call: PublicCall): Page<Item> | PlatformRefusal {
  const pageSize = positive(call.query, 'pageSize', DEFAULT_PAGE_SIZE);
  const currentPage = positive(call.query, 'currentPage', 1);
  if (pageSize === undefined || currentPage === undefined || pageSize > MAX_PAGE_SIZE) {
    return refusals.badRequest(
      `pageSize must be a number from 1 to ${MAX_PAGE_SIZE}, currentPage a number from 1`,
    );
  }
  const whole = call.query.get('noPaging') === 'true';
  const start = whole ? 0 : (currentPage - 1) * pageSize;
  const end = whole ? all.length : start + pageSize;
  const link = (page: number): string => {
    const query = new URLSearchParams(call.query);
    query.set('pageSize', String(pageSize));
    query.set('currentPage', String(page));
    return `${call.origin}${call.path}?${query.toString()}`;
  };
  return {
    items: all.slice(start, end),
    frame: {
      self: link(currentPage),
      ...(end < all.length && { next: link(currentPage + 1) }),
      ...(currentPage > 1 && { prev: link(currentPage - 1) }),
      statistics: {
        currentPage,
        pageSize,
        ...(call.query.get('withTotalPages') === 'true' && {
          totalPages: Math.ceil(all.length / pageSize),
        }),
        ...(call.query.get('withTotalElements') === 'true' && { totalElements: all.length }),
      },
    },
  };
}

function positive(query: URLSearchParams, name: string, fallback: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return fallback;
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** Whether a time lies between the query's `dateFrom` and `dateTo`, inclusive. */
export function inDateRange(time: string, query: URLSearchParams): boolean {
  const from = query.get('dateFrom');
  const to = query.get('dateTo');
  const at = Date.parse(time);
  return (!from || at >= Date.parse(from)) && (!to || at <= Date.parse(to));
}
