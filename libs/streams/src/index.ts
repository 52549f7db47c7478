export * from './deadline';
export * from './disposal';
export * from './reader-window';
export * from './splice';
export * from './web-socket-duplex';
