import { Global, Module } from '@nestjs/common';
import { CredentialVault } from './credential-vault';
import { KeyRing } from './key-ring';

@Global()
@Module({ providers: [CredentialVault, KeyRing], exports: [CredentialVault, KeyRing] })
export class CredentialsModule {}
