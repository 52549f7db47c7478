import type { IncomingMessage } from 'node:http';
import type { Authentication } from '../auth/authentication';
import type { Caller, User } from '../auth/caller';
import type { PlatformRefusal } from '../auth/platform-refusal';
import type { Store } from '../store/store';
import type { Tenant } from '../store/tenant';
import type { Uploads } from '../uploads/uploads';

/** Shared by all handlers. */
export interface Platform {
  readonly store: Store;
  readonly authentication: Authentication;
  readonly uploads: Uploads;
  /** The folder with the files of a hosted application; `undefined` if there is none. */
  appFolder(contextPath: string, version?: string): string | undefined;
  /** Whether requests need the roles that the platform's documentation names. */
  readonly strictRoles: boolean;
}

export type JsonObject = Record<string, unknown>;

/** A request without an authenticated caller. */
export interface PublicCall {
  readonly platform: Platform;
  readonly request: IncomingMessage;
  /** `http://host:port` from the caller's `Host` header. */
  readonly origin: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed body; an empty object if there was none. */
  readonly body: JsonObject;
}

/** The user on whose behalf something is done. */
export interface Actor {
  readonly platform: Pick<Platform, 'store'>;
  readonly user: User;
  readonly tenant: Tenant;
}

/** A request of an authenticated caller. */
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

interface RouteAddress {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In Express's syntax, e.g. `/inventory/managedObjects/:id`. */
  readonly path: string;
}

/** An endpoint of the platform's REST API. */
export type Route =
  | (RouteAddress & {
      readonly open: true;
      handle(call: PublicCall): Outcome | Promise<Outcome>;
    })
  | (RouteAddress & {
      readonly open?: false;
      /** The caller needs one of these roles; if absent, any authenticated user may call. */
      readonly roles?: readonly string[];
      /**
       * Needed instead of `roles` with `--as-hosted`: the roles that the platform's OpenAPI
       * document names.
       */
      readonly documentedRoles?: readonly string[];
      handle(call: Call): Outcome | Promise<Outcome>;
    });

/** The successful responses that several resources share. */
export const answers = {
  ok: (body: unknown): Answer => ({ status: 200, body }),
  created: (body: unknown, location: string): Answer => ({
    status: 201,
    body,
    headers: { Location: location },
  }),
  noContent: (): Answer => ({ status: 204 }),
} as const;
