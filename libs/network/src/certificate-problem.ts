/** What Node.js adds to an error about a certificate. */
interface CertificateError {
  readonly code?: string;
  readonly cert?: { readonly subjectaltname?: string; readonly valid_to?: string };
}

/**
 * What is wrong with the certificate of a server, as the end of a sentence that begins with the
 * server.
 *
 * @param cause the error of a connection
 * @returns `undefined` if the error is not about a certificate
 */
export function certificateProblem(cause: unknown): string | undefined {
  const { code, cert } = cause as CertificateError;
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'has a certificate that has expired, or the clock of this machine is wrong';
    case 'CERT_NOT_YET_VALID':
      return 'has a certificate that is not valid yet, or the clock of this machine is wrong';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `has a certificate for other names: ${cert?.subjectaltname ?? 'none'}`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'has a certificate that was not issued by a CA that this machine trusts';
    default:
      return undefined;
  }
}

/** Why a server cannot be used, for operators: its certificate, or what the system reports. */
export function connectionProblem(server: string, cause: unknown): string {
  const problem = certificateProblem(cause);
  return problem === undefined ? (cause as Error).message : `${server} ${problem}`;
}
