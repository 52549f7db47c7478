/** Statistics of a page of a collection. */
export interface PageStatistics {
  currentPage: number;
  pageSize: number;
  totalPages?: number;
  totalElements?: number;
}

/** The platform's error body. */
export interface PlatformErrorBody {
  /** e.g. `security/Unauthorized`, `inventory/Not Found`. */
  error: string;
  message: string;
  info?: string;
}
