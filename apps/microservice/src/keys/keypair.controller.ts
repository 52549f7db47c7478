import { Controller, HttpCode, Post, Req } from '@nestjs/common';
import { type GeneratedKeyPair, type KeyInspection, orThrow } from '@remote-access/contracts';
import { sha256Fingerprint } from '@remote-access/ssh-keys';
import type { Request } from 'express';
import { AuditTrail } from '../audit/audit-trail';
import { AccessPolicy } from '../access/access-policy';
import type { Caller } from '../access/caller';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { RequestBodies } from '../http/request-body';
import { CallerCredentials } from '../platform/caller-credentials';
import { KeyWork } from './key-work';
import { readGenerationBody, readInspectionBody } from './keypair-body';

/** Checks what the caller may do on every device. */
const NO_DEVICE = '';

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
    const devices = [NO_DEVICE, ...Object.keys(caller.devicePermissions)];
    const refusals = devices.map(device => this.access.mayConfigure(caller, device));
    const [everywhere] = refusals;
    if (everywhere && !refusals.includes(undefined)) throw everywhere;
    return caller;
  }
}
