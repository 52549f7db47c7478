import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate } from 'node:tls';
import type { Store } from '../store/store';
import type { Tenant, TrustedCertificate } from '../store/tenant';

/** Longer chains are refused without being checked. */
const MAX_CHAIN_LENGTH = 8;

/** The device that a certificate identifies. */
export interface CertifiedDevice {
  readonly tenant: Tenant;
  /** The common name, which is also the device's identifier. */
  readonly commonName: string;
  readonly autoRegistrationEnabled: boolean;
}

/**
 * Finds the tenant that trusts a certificate: each certificate of the chain is signed by the next
 * one, the last one is trusted by the tenant or signed by a trusted one, and all are valid today.
 *
 * @param presented the client's certificate, linked to the others that it sent
 */
export function certifiedDevice(
  store: Store,
  presented: DetailedPeerCertificate,
): CertifiedDevice | undefined {
  const chain = chainOf(presented);
  const commonName = /^CN=(.+)$/m.exec(chain[0]?.subject ?? '')?.[1];
  if (commonName === undefined || !chain.every(one => isValid(one, store.now()))) return undefined;
  for (const tenant of store.listTenants()) {
    const trusted = tenant.trustedCertificates
      .list()
      .find(one => one.status === 'ENABLED' && leadsTo(chain, one, store.now()));
    if (!trusted) continue;
    return { tenant, commonName, autoRegistrationEnabled: trusted.autoRegistrationEnabled };
  }
  return undefined;
}

function chainOf(presented: DetailedPeerCertificate): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let current: DetailedPeerCertificate | undefined = presented;
  while (current?.raw && chain.length < MAX_CHAIN_LENGTH) {
    chain.push(new X509Certificate(current.raw));
    // A self-signed certificate is its own issuer.
    current = current.issuerCertificate === current ? undefined : current.issuerCertificate;
  }
  return chain;
}

function leadsTo(chain: readonly X509Certificate[], { pem }: TrustedCertificate, now: Date) {
  const trusted = new X509Certificate(pem);
  if (!isValid(trusted, now)) return false;
  for (const [index, one] of chain.entries()) {
    if (one.fingerprint256 === trusted.fingerprint256) return true;
    if (isIssuedBy(one, trusted)) return true;
    const next = chain[index + 1];
    if (!next || !isIssuedBy(one, next)) return false;
  }
  return false;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValid({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return Date.parse(validFrom) <= now.getTime() && now.getTime() <= Date.parse(validTo);
}
