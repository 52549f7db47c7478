import { LOOPBACK } from './loopback-ports.mjs';

/**
 * What a newcomer clicks Connect on, as bodies of the API.
 *
 * @param {object} targets
 * @param {import('./stack.mjs').Target} targets.target
 * @param {import('./stack.mjs').Panel} targets.panel
 * @param {import('./stack.mjs').Controller} targets.controller
 */
export function demoEndpoints({ target, panel, controller }) {
  return [
    {
      name: 'Gateway shell',
      hostname: LOOPBACK,
      port: target.port,
      protocol: 'SSH',
      credentialsType: 'KEY_PAIR',
      username: target.userName,
      privateKey: target.privateKey,
      publicKey: target.publicKey,
      hostKey: target.hostKey,
    },
    {
      name: 'Operating panel',
      hostname: LOOPBACK,
      port: panel.port,
      protocol: 'VNC',
      credentialsType: 'PASS_ONLY',
      password: panel.password,
    },
    { name: 'Old controller', hostname: LOOPBACK, port: controller.port, protocol: 'TELNET' },
  ];
}
