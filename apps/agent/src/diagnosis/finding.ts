import {
  certificateFault,
  certificateNames,
  ProxyError,
  SlowResolverError,
} from '@remote-access/network';

/** A failed step: what is wrong, and what to do about it. */
export class Finding extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

const TRUST_REMEDY =
  "Set platform.ca_file to the issuer's certificate, or to that of a proxy that inspects TLS.";

/**
 * For a certificate that is not valid yet.
 *
 * @param otherwise what to do if the clock is right
 */
export function clockRemedy(otherwise: string): string {
  const now = new Date().toISOString();
  return `The clock of this gateway shows ${now}. If that is wrong, set it, and use NTP; otherwise ${otherwise}.`;
}

/**
 * What a failure to connect means, for operators.
 *
 * @param host of the server, for people
 * @param setting that names the server
 */
export function connectionFinding(
  cause: NodeJS.ErrnoException,
  host: string,
  setting: 'platform.url' | 'transport.mqtt_url',
): Finding {
  if (cause instanceof ProxyError) {
    const remedy =
      certificateRemedy(cause.cause, 'the proxy', 'platform.proxy') ??
      'Check the address, the user name and the password in platform.proxy.';
    return new Finding(cause.message, remedy);
  }
  const remedy = certificateRemedy(cause, 'the platform', setting);
  if (remedy !== undefined) {
    return new Finding(`the certificate of ${host} ${describeCertificate(cause)}`, remedy);
  }
  if (cause instanceof SlowResolverError) {
    return new Finding(cause.message, `Check the DNS server of this gateway, and ${setting}.`);
  }
  switch (cause.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Finding(`${host} cannot be resolved`, `Check ${setting} and the DNS server.`);
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return new Finding(
        `${host} cannot be reached: ${cause.code}`,
        'Check the firewall; if this network has a proxy, set platform.proxy.',
      );
    default:
      return new Finding(cause.message, 'If this network has a proxy, check platform.proxy.');
  }
}

/** As the end of a sentence that begins with the certificate. */
function describeCertificate(cause: unknown): string {
  const fault = certificateFault(cause);
  switch (fault) {
    case 'expired':
      return 'has expired';
    case 'not-yet-valid':
      return 'is not valid yet';
    case 'other-names':
      return `is for other names: ${certificateNames(cause)}`;
    case 'untrusted':
    case undefined:
      return 'was not issued by a CA that this gateway trusts';
    default:
      return fault satisfies never;
  }
}

/** @returns `undefined` if the failure is not about a certificate */
function certificateRemedy(cause: unknown, server: string, setting: string): string | undefined {
  const fault = certificateFault(cause);
  switch (fault) {
    case 'expired':
      return `If the clock of this gateway is right, ${server} needs a new certificate.`;
    case 'not-yet-valid':
      return clockRemedy(`${server} needs another certificate`);
    case 'other-names':
      return `Use one of these names in ${setting}.`;
    case 'untrusted':
      return TRUST_REMEDY;
    case undefined:
      return undefined;
    default:
      return fault satisfies never;
  }
}
