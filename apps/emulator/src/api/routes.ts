import { applicationRoutes } from './applications';
import type { Route } from './call';
import { childRoutes } from './children';
import { currentApplicationRoutes } from './current-application';
import { currentUserRoutes } from './current-user';
import { identityRoutes } from './identity';
import { inventoryRoutes } from './inventory';
import { operationRoutes } from './operations';
import { optionRoutes } from './options';

/** Every call that the platform's REST side answers. */
export const ROUTES: readonly Route[] = [
  ...currentUserRoutes,
  ...inventoryRoutes,
  ...childRoutes,
  ...identityRoutes,
  ...operationRoutes,
  ...optionRoutes,
  ...currentApplicationRoutes,
  ...applicationRoutes,
];
