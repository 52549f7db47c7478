export { certificateProblem, connectionProblem } from './certificate-problem';
export { NetworkRoute, ProxyError, type NetworkSettings } from './network-route';
export { proxyOf } from './network-route';
