/** What Node.js adds to an error about a certificate. */
interface CertificateError {
  readonly code?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

export type CertificateFault = 'expired' | 'not-yet-valid' | 'other-names' | 'untrusted';

/**
 * @param cause the error of a connection
 * @returns `undefined` if the error is not about a certificate
 */
export function certificateFault(cause: unknown): CertificateFault | undefined {
  switch ((cause as CertificateError).code) {
    case 'CERT_HAS_EXPIRED':
      return 'expired';
    case 'CERT_NOT_YET_VALID':
      return 'not-yet-valid';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return 'other-names';
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'untrusted';
    default:
      return undefined;
  }
}

/** The names that a certificate is for, if that is what is wrong with it. */
export function certificateNames(cause: unknown): string {
  return (cause as CertificateError).cert?.subjectaltname ?? 'none';
}

/**
 * What is wrong with the certificate of a server, as the end of a sentence that begins with the
 * server.
 *
 * @param cause the error of a connection
 * @returns `undefined` if the error is not about a certificate
 */
export function certificateProblem(cause: unknown): string | undefined {
  const fault = certificateFault(cause);
  switch (fault) {
    case 'expired':
      return 'has a certificate that has expired, or the clock of this machine is wrong';
    case 'not-yet-valid':
      return 'has a certificate that is not valid yet, or the clock of this machine is wrong';
    case 'other-names':
      return `has a certificate for other names: ${certificateNames(cause)}`;
    case 'untrusted':
      return 'has a certificate that was not issued by a CA that this machine trusts';
    case undefined:
      return undefined;
    default:
      return fault satisfies never;
  }
}

/** Why a server cannot be used, for operators: its certificate, or what the system reports. */
export function connectionProblem(server: string, cause: unknown): string {
  const problem = certificateProblem(cause);
  return problem === undefined ? (cause as Error).message : `${server} ${problem}`;
}
