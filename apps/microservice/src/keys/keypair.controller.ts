import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import {
  type GeneratedKeyPair,
  isRefusal,
  type KeyInspection,
  type Refusal,
} from '@remote-access/contracts';
import { KeyInspector } from '@remote-access/ssh-keys';
import type { Request } from 'express';
import { AccessPolicy } from '../access/access-policy';
import { ApiRoute } from '../api-description/api-route';
import { schemaRef } from '../api-description/schemas';
import { CallerCredentials } from '../platform/caller-credentials';
import { KeyWork } from './key-work';
import { readGenerationBody, readInspectionBody } from './keypair-body';

/** Names no device: what somebody may do on every device counts. */
const NO_DEVICE = '';

const HOST_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFVKV+QVvKxeGpttXUW+7u4CdzTzaWV2TCySv4/a74mf gateway';

/** Key pairs for endpoints, made here or brought along. */
@Controller('keypair')
export class KeypairController {
  constructor(
    private readonly access: AccessPolicy,
    private readonly work: KeyWork,
    private readonly inspector: KeyInspector,
  ) {}

  /** Nothing is stored: the client puts both halves into an endpoint. */
  @Post('generate')
  @HttpCode(200)
  @ApiRoute({
    summary: 'Makes a key pair',
    details: 'Nothing is stored: put both halves into an endpoint.',
    body: { schema: schemaRef('KeyGenerationBody'), example: { hostname: '10.0.0.5' } },
    answers: [{ status: 200, text: 'Both halves.', schema: schemaRef('GeneratedKeyPair') }],
    refusals: ['forbidden', 'too-many-requests'],
  })
  async generate(@Req() request: Request, @Body() body: unknown): Promise<GeneratedKeyPair> {
    await this.admit(request);
    const { key, comment } = granted(readGenerationBody(body));
    return granted(await this.work.generate(key, comment));
  }

  /** What keys are, and the forms in which an endpoint stores them. */
  @Post('inspect')
  @HttpCode(200)
  @ApiRoute({
    summary: 'What keys are, and the forms in which they are stored',
    body: { schema: schemaRef('KeyInspectionBody'), example: { hostKey: HOST_KEY } },
    answers: [{ status: 200, text: 'The keys.', schema: schemaRef('KeyInspection') }],
    refusals: ['forbidden', 'invalid-key', 'passphrase-needed', 'too-many-requests'],
  })
  async inspect(@Req() request: Request, @Body() body: unknown): Promise<KeyInspection> {
    await this.admit(request);
    const { hostname, port, ...keys } = granted(readInspectionBody(body));
    const SSH_PORT = 22;
    const server = hostname ? { hostname, port: port ?? SSH_PORT } : undefined;
    return granted(await this.inspector.inspect(keys, server));
  }

  /** Those who may configure endpoints of some device. */
  private async admit(request: Request): Promise<void> {
    const caller = granted(await this.access.caller(CallerCredentials.from(request)));
    const devices = [NO_DEVICE, ...Object.keys(caller.devicePermissions)];
    const refusals = devices.map(device => this.access.mayConfigure(caller, device));
    const [everywhere] = refusals;
    if (everywhere && !refusals.includes(undefined)) throw everywhere;
  }
}

/** The border to Nest, where refusals become exceptions that its filter answers. */
function granted<Value>(answer: Value | Refusal): Value {
  if (isRefusal(answer)) throw answer;
  return answer;
}
