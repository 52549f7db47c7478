export {
  certificateFault,
  certificateNames,
  certificateProblem,
  connectionProblem,
} from './certificate-problem';
export { SlowResolverError } from './name-lookup';
export { NetworkRoute, ProxyError, type NetworkSettings } from './network-route';
export { proxyOf } from './network-route';
export { MAX_SOCKET_PATH_BYTES } from './socket-path';
