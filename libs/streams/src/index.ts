export * from './back-off';
export * from './deadline';
export * from './disposal';
export * from './heartbeat';
export * from './shared-interval';
export * from './splice';
export * from './web-socket-duplex';
