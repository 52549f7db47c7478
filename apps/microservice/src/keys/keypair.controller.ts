import { Controller, Global, HttpCode, Module, Post, Req } from '@nestjs/common';
import {
  type GeneratedKeyPair,
  type KeyInspection,
  type KeyInspectionBody,
  LIMITS,
  orThrow,
  type Refusal,
  RemoteAccessError,
} from '@remote-access/contracts';
import { CURVES, type NewKey, sha256Fingerprint } from '@remote-access/ssh-keys';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { AuditTrail } from '../audit/audit-trail';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { KeyWork } from './key-work';

const HOST_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFVKV+QVvKxeGpttXUW+7u4CdzTzaWV2TCySv4/a74mf gateway';

/** Generates and inspects key pairs for endpoints. Nothing is stored. */
@Controller('keypair')
export class KeypairController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly work: KeyWork,
    private readonly bodies: RequestBodies,
    private readonly audit: AuditTrail,
  ) {}

  @Post('generate')
  @HttpCode(200)
  @ApiRoute({
    summary: 'Generates a key pair',
    details: 'Nothing is stored: put both keys into an endpoint.',
    body: { schema: schemaRef('KeyGenerationBody'), example: { hostname: '10.0.0.5' } },
    answers: [{ status: 200, text: 'The key pair.', schema: schemaRef('GeneratedKeyPair') }],
    refusals: ['forbidden', 'too-many-requests'],
  })
  async generate(@Req() request: Request): Promise<GeneratedKeyPair> {
    const caller = await this.admit(request);
    const { key, comment } = orThrow(readGenerationBody(await this.bodies.read(request, caller)));
    const pair = orThrow(await this.work.generate(caller, key, comment));
    await this.recordGeneration(caller, pair);
    return pair;
  }

  @Post('inspect')
  @HttpCode(200)
  @ApiRoute({
    summary: 'Describes keys and converts them to the stored form',
    body: { schema: schemaRef('KeyInspectionBody'), example: { hostKey: HOST_KEY } },
    answers: [{ status: 200, text: 'The keys.', schema: schemaRef('KeyInspection') }],
    refusals: ['forbidden', 'invalid-key', 'passphrase-needed', 'too-many-requests'],
  })
  async inspect(@Req() request: Request): Promise<KeyInspection> {
    const caller = await this.admit(request);
    const { hostname, port, ...keys } = orThrow(
      readInspectionBody(await this.bodies.read(request, caller)),
    );
    const SSH_PORT = 22;
    const server = hostname ? { hostname, port: port ?? SSH_PORT } : undefined;
    return orThrow(await this.work.inspectorFor(caller).inspect(keys, server));
  }

  private async recordGeneration(
    { tenant, userName: user }: Caller,
    { publicKey }: GeneratedKeyPair,
  ): Promise<void> {
    const [type, blob = ''] = publicKey.split(' ');
    const fingerprint = sha256Fingerprint(Buffer.from(blob, 'base64'));
    const text = `Key pair ${type} ${fingerprint} generated; nothing is stored`;
    const activity = 'Remote access key pair generated';
    await this.audit.record(tenant, { type: 'Inventory', activity, text, user });
  }

  /** Admits callers who may configure the endpoints of any device. */
  private async admit(request: Request): Promise<Caller> {
    const caller = orThrow(await this.access.caller(CallerCredentials.from(request)));
    orThrow(this.access.mayConfigureSome(caller));
    return caller;
  }
}

@Global()
@Module({ controllers: [KeypairController], providers: [KeyWork], exports: [KeyWork] })
export class KeysModule {}

const RSA_BITS = { min: 2048, max: 4096, default: 3072 };

/** A valid body of `POST /keypair/generate`. */
export interface GenerationRequest {
  readonly key: NewKey;
  readonly comment: string;
}

/** @returns `malformed-request` with what is wrong */
export function readGenerationBody(body: unknown): GenerationRequest | Refusal {
  const fields = fieldsOf(body, ['hostname', 'type', 'comment'], ['bits']);
  if (fields instanceof RemoteAccessError) return fields;
  const { hostname, type, comment } = fields.texts;
  const bits = fields.numbers['bits'];
  const text = comment ?? hostname ?? '';
  if (text.length > LIMITS.hostname) {
    return malformed(`comment must not be longer than ${LIMITS.hostname} characters`);
  }
  const key = newKey(type ?? 'ED25519', bits);
  return key instanceof RemoteAccessError ? key : { key, comment: text };
}

/** @returns `malformed-request` with what is wrong */
export function readInspectionBody(body: unknown): KeyInspectionBody | Refusal {
  const texts = ['privateKey', 'publicKey', 'certificate', 'hostKey', 'passphrase', 'hostname'];
  const fields = fieldsOf(body, texts, ['port']);
  if (fields instanceof RemoteAccessError) return fields;
  const { privateKey, publicKey, certificate, hostKey } = fields.texts;
  if (!privateKey && !publicKey && !certificate && !hostKey) {
    return malformed('Give a privateKey, publicKey, certificate or hostKey');
  }
  return { ...fields.texts, port: fields.numbers['port'] ?? null };
}

function newKey(type: string, bits: number | undefined): NewKey | Refusal {
  switch (type.toUpperCase()) {
    case 'ED25519':
      if (bits !== undefined && bits !== 256) return malformed('ED25519 keys have 256 bits');
      return { algorithm: 'ED25519' };
    case 'ECDSA': {
      const curve = CURVES.find(one => one.bits === (bits ?? 256));
      return curve
        ? { algorithm: 'ECDSA', curve }
        : malformed('ECDSA keys have 256, 384 or 521 bits');
    }
    case 'RSA': {
      const size = bits ?? RSA_BITS.default;
      const isSupported = size >= RSA_BITS.min && size <= RSA_BITS.max && size % 8 === 0;
      if (isSupported) return { algorithm: 'RSA', bits: size };
      return malformed(`RSA keys have from ${RSA_BITS.min} to ${RSA_BITS.max} bits, in steps of 8`);
    }
    default:
      return malformed('type must be ED25519, ECDSA or RSA');
  }
}

interface Fields {
  readonly texts: Readonly<Partial<Record<string, string>>>;
  readonly numbers: Readonly<Partial<Record<string, number>>>;
}

/** The strings and integers of an object; null and empty strings count as absent. */
function fieldsOf(
  body: unknown,
  textNames: readonly string[],
  numberNames: readonly string[],
): Fields | Refusal {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return malformed('The body must be an object');
  }
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== '');
  const texts = given.filter(([name]) => textNames.includes(name));
  const numbers = given.filter(([name]) => numberNames.includes(name));
  const problems = [
    ...texts.filter(([, value]) => typeof value !== 'string').map(([name]) => `${name}: a text`),
    ...numbers.filter(([, value]) => !Number.isInteger(value)).map(([name]) => `${name}: a number`),
  ];
  if (problems.length > 0)
    return malformed(`Wrong type of a field; expected ${problems.join(', ')}`);
  return { texts: Object.fromEntries(texts), numbers: Object.fromEntries(numbers) };
}

function malformed(detail: string): Refusal {
  return new RemoteAccessError('malformed-request', { detail: `${detail}.` });
}
