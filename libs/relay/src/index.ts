export { openWebSocket, UpgradeRefused, type ClientHandshake } from './client-handshake';
export { FrameError } from './frame';
export { FramedConnection, type FramedConnectionOptions } from './framed-connection';
export { offeredSubprotocols, switchingProtocols } from './client-handshake';
