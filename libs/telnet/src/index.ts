export * from './telnet-bytes';
