export * from './deadline';
export * from './disposal';
export * from './splice';
export * from './web-socket-duplex';
