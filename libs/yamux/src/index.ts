export { YamuxError } from './frame';
export { matchProposal, YAMUX_PROPOSAL } from './negotiation';
export { YamuxSession, type YamuxOptions } from './yamux-session';
export { StreamResetError, YamuxStream } from './yamux-stream';
