import { applicationRoutes } from './applications';
import { auditRoutes } from './audit';
import type { Route } from './call';
import { childRoutes } from './children';
import { currentApplicationRoutes } from './current-application';
import { currentUserRoutes } from './current-user';
import { deviceRecordRoutes } from './device-records';
import { identityRoutes } from './identity';
import { inventoryRoutes } from './inventory';
import { operationRoutes } from './operations';
import { optionRoutes } from './options';
import { signInRoutes } from './sign-in';
import { tenantRoutes } from './tenant';
import { userChangeRoutes } from './user-changes';
import { userRoutes } from './users';

/** Every call that the platform's REST side answers. */
export const ROUTES: readonly Route[] = [
  ...signInRoutes,
  ...tenantRoutes,
  ...currentUserRoutes,
  ...userRoutes,
  ...userChangeRoutes,
  ...applicationRoutes,
  ...currentApplicationRoutes,
  ...inventoryRoutes,
  ...childRoutes,
  ...identityRoutes,
  ...operationRoutes,
  ...auditRoutes,
  ...optionRoutes,
  ...deviceRecordRoutes,
];
