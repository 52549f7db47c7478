import type { Answer } from './call';

/** The answers that occur in more than one area. */
export const answers = {
  ok: (body: unknown): Answer => ({ status: 200, body }),
  created: (body: unknown, location: string): Answer => ({
    status: 201,
    body,
    headers: { Location: location },
  }),
  noContent: (): Answer => ({ status: 204 }),
} as const;
