import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder';

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];

export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** In OpenSSL's notation: `DNS:localhost,IP:127.0.0.1`. */
  readonly subjectAltName?: string;
  /** Validity from now on; negative for a certificate that has expired. */
  readonly days?: number;
  /** For a certificate that is not valid yet; `days` count from then on. */
  readonly startsInDays?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate authority made with OpenSSL, in a temporary folder. */
export class CertificateAuthority {
  private readonly folder = temporaryFolder('ca');
  private issued = 0;
  readonly certificatePath = this.path('ca.pem');

  constructor(name = 'Test CA') {
    this.openssl([
      ...['req', '-x509', '-subj', `/CN=${name}`, ...EC_KEY, '-days', '2'],
      ...['-keyout', this.path('ca.key'), '-out', this.certificatePath],
      ...['-addext', 'basicConstraints=critical,CA:TRUE'],
      ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ]);
  }

  /** PEM. */
  get certificate(): string {
    return readFileSync(this.certificatePath, 'utf8');
  }

  issue({
    commonName,
    subjectAltName,
    days = 2,
    startsInDays = 0,
  }: CertificateRequest): IssuedCertificate {
    this.issued += 1;
    const [keyPath, requestPath, certificatePath, extensionsPath] = [
      'key',
      'csr',
      'pem',
      'ext',
    ].map(kind => this.path(`${this.issued}.${kind}`)) as [string, string, string, string];
    this.openssl([
      ...['req', '-new', '-subj', `/CN=${commonName}`, ...EC_KEY],
      ...['-keyout', keyPath, '-out', requestPath],
    ]);
    const names = subjectAltName === undefined ? '' : `subjectAltName=${subjectAltName}\n`;
    writeFileSync(extensionsPath, `basicConstraints=CA:FALSE\n${names}`);
    this.openssl([
      ...['ca', '-batch', '-notext', '-config', this.configuration()],
      ...['-in', requestPath, '-out', certificatePath, '-extfile', extensionsPath],
      ...['-startdate', timeIn(startsInDays), '-enddate', timeIn(startsInDays + days)],
    ]);
    return {
      certificate: readFileSync(certificatePath, 'utf8'),
      key: readFileSync(keyPath, 'utf8'),
      certificatePath,
      keyPath,
    };
  }

  remove(): void {
    this.folder.remove();
  }

  /** For `openssl ca`, which alone can set the time when a certificate becomes valid. */
  private configuration(): string {
    const [path, database, serial] = ['ca.conf', 'issued.txt', 'serial'].map(name =>
      this.path(name),
    ) as [string, string, string];
    if (this.issued > 1) return path;
    writeFileSync(database, '');
    writeFileSync(serial, '1000\n');
    writeFileSync(
      path,
      [
        ...['[ca]', 'default_ca = this', '[this]', 'default_md = sha256', 'unique_subject = no'],
        ...[`database = ${database}`, `serial = ${serial}`, `new_certs_dir = ${this.folder.path}`],
        ...[`certificate = ${this.certificatePath}`, `private_key = ${this.path('ca.key')}`],
        ...['policy = any', '[any]', 'commonName = supplied', ''],
      ].join('\n'),
    );
    return path;
  }

  private path(name: string): string {
    return join(this.folder.path, name);
  }

  private openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

/** In OpenSSL's notation: `YYYYMMDDHHMMSSZ`. */
function timeIn(days: number): string {
  const at = new Date(Date.now() + days * DAY_MS).toISOString();
  return `${at.replace(/\D/g, '').slice(0, 14)}Z`;
}
