export * from './line-editor';
export * from './option-negotiator';
export * from './subnegotiation';
export * from './telnet-bytes';
export * from './telnet-client';
export * from './telnet-options';
export * from './telnet-parser';
export * from './telnet-server';
