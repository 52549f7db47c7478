export { KeyDeriver } from './derivation/derive-key';
export type { Derive } from './derivation/derivation';
export * from './generate-key-pair';
export * from './key-inspector';
export * from './key-reader';
export type { Certificate } from './keys/certificate';
export * from './keys/host-key';
export { CERTIFICATE_SUFFIX, CURVES } from './keys/key-type';
export { sshWire, WireReader } from './wire/ssh-wire';
