export * from './back-off';
export * from './deadline';
export * from './disposal';
export * from './heartbeat';
export * from './paced-controls';
export * from './pooled-interval';
export * from './splice';
export * from './web-socket-duplex';
