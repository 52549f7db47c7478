import { applicationChangeRoutes } from './application-changes';
import { applicationRoutes } from './applications';
import { auditRoutes } from './audit';
import type { Route } from '../rest/call';
import { childRoutes } from './children';
import { userRoutes } from './users';
import { deviceRegistrationRoutes } from './device-registration';
import { deviceRecordRoutes } from './device-records';
import { identityRoutes } from './identity';
import { inventoryRoutes } from './inventory';
import { operationRoutes } from './operations';
import { optionRoutes } from './options';
import { signInRoutes } from './sign-in';
import { tenantRoutes } from './tenant';
import { trustedCertificateRoutes } from './trusted-certificates';

/** The whole REST API. */
export const ROUTES: readonly Route[] = [
  ...signInRoutes,
  ...tenantRoutes,
  ...userRoutes,
  ...applicationRoutes,
  ...applicationChangeRoutes,
  ...inventoryRoutes,
  ...childRoutes,
  ...identityRoutes,
  ...operationRoutes,
  ...auditRoutes,
  ...optionRoutes,
  ...deviceRecordRoutes,
  ...deviceRegistrationRoutes,
  ...trustedCertificateRoutes,
];
