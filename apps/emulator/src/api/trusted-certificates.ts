import { X509Certificate } from 'node:crypto';
import { PlatformRefusal, refusals } from '../auth/platform-refusal';
import type { TrustedCertificate } from '../store/tenant';
import { answers, type Call, type Outcome, type Route } from '../rest/call';
import { pageOf } from '../rest/collection-query';

const ROLES = ['ROLE_TENANT_ADMIN', 'ROLE_TENANT_MANAGEMENT_ADMIN'];
const PATH = '/tenant/tenants/:tenant/trusted-certificates';

/** The certificates with which a tenant's devices may sign in, see auth/device-certificates.ts. */
export const trustedCertificateRoutes: readonly Route[] = [
  { method: 'GET', path: PATH, roles: ROLES, handle: inOwnTenant(list) },
  { method: 'POST', path: PATH, roles: ROLES, handle: inOwnTenant(add) },
  { method: 'DELETE', path: `${PATH}/:fingerprint`, roles: ROLES, handle: inOwnTenant(remove) },
];

function inOwnTenant(handle: (call: Call) => Outcome): (call: Call) => Outcome {
  return call => (call.params['tenant'] === call.tenant.name ? handle(call) : refusals.forbidden());
}

function list(call: Call): Outcome {
  const page = pageOf(call.tenant.trustedCertificates.list(), call);
  if (page instanceof PlatformRefusal) return page;
  return answers.ok({ certificates: page.items.map(one => present(call, one)), ...page.frame });
}

function add(call: Call): Outcome {
  const { certInPemFormat, name, status, autoRegistrationEnabled } = call.body;
  const certificate = readCertificate(certInPemFormat);
  if (!certificate?.ca) {
    return refusals.invalid('tenant', 'certInPemFormat must be the certificate of a CA, in PEM');
  }
  if (status !== 'ENABLED' && status !== 'DISABLED') {
    return refusals.invalid('tenant', 'status must be ENABLED or DISABLED');
  }
  const id = certificate.fingerprint.replaceAll(':', '').toLowerCase();
  if (call.tenant.trustedCertificates.get(id)) {
    return new PlatformRefusal(409, 'tenant/Conflict', 'This certificate was added before');
  }
  const added = call.tenant.trustedCertificates.put({
    id,
    name: typeof name === 'string' ? name : '',
    pem: certificate.toString(),
    status,
    autoRegistrationEnabled: autoRegistrationEnabled === true,
  });
  const shown = present(call, added);
  return answers.created(shown, shown.self);
}

function remove(call: Call): Outcome {
  const fingerprint = call.params['fingerprint']!;
  return call.tenant.trustedCertificates.delete(fingerprint)
    ? answers.noContent()
    : refusals.notFound('tenant', `There is no trusted certificate '${fingerprint}'`);
}

function readCertificate(pem: unknown): X509Certificate | undefined {
  try {
    return typeof pem === 'string' ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

function present(call: Call, { id, pem, ...rest }: TrustedCertificate) {
  const { subject, issuer, validFrom, validTo } = new X509Certificate(pem);
  return {
    ...rest,
    fingerprint: id,
    certInPemFormat: pem,
    subject,
    issuer,
    notBefore: new Date(validFrom).toISOString(),
    notAfter: new Date(validTo).toISOString(),
    self: `${call.origin}/tenant/tenants/${call.tenant.name}/trusted-certificates/${id}`,
  };
}
