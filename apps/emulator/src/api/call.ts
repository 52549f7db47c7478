import type { IncomingMessage } from 'node:http';
import type { Authentication } from '../auth/authentication';
import type { Caller, User } from '../auth/caller';
import type { PlatformRefusal } from '../auth/platform-refusal';
import type { Application } from '../seed/applications';
import type { Store } from '../store/store';
import type { Tenant } from '../store/tenant';

/** What all handlers work on. */
export interface Platform {
  readonly store: Store;
  readonly authentication: Authentication;
  readonly applications: readonly Application[];
  /** Context path → folder with the built application. */
  readonly appsFolders: Readonly<Record<string, string>>;
}

export type JsonObject = Record<string, unknown>;

/** A request without a sign-in. */
export interface PublicCall {
  readonly platform: Platform;
  readonly request: IncomingMessage;
  /** `http://host:port` as the caller knows it. */
  readonly origin: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed body; an empty object where there was none. */
  readonly body: JsonObject;
}

/** A request of somebody who is known. */
export interface Call extends PublicCall {
  readonly caller: Caller;
  readonly user: User;
  readonly tenant: Tenant;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

export type Outcome = Answer | PlatformRefusal;

interface RouteFace {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In Express's words, e.g. `/inventory/managedObjects/:id`. */
  readonly path: string;
}

/** One call that the platform answers. */
export type Route =
  | (RouteFace & {
      readonly open: true;
      handle(call: PublicCall): Outcome | Promise<Outcome>;
    })
  | (RouteFace & {
      readonly open?: false;
      /** Any of these roles admits; without the list every signed-in user is admitted. */
      readonly roles?: readonly string[];
      handle(call: Call): Outcome | Promise<Outcome>;
    });

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
