import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Endpoint } from '@remote-access/contracts';
import type { Operation } from '@remote-access/contracts/platform';
import {
  CertificateAuthority,
  closedPort,
  tcpTarget,
  temporaryFolder,
  waitUntil,
  type TcpTarget,
  type TemporaryFolder,
} from '@remote-access/testkit';
import { WebSocket } from 'ws';
import { startNameServer, type NameServer } from '../fixtures/nginx';
import { OwnHosting } from '../fixtures/own-hosting';
import { Received } from '../fixtures/raw-device';
import { basic } from '../fixtures/stack';

jest.setTimeout(120_000);

/** Long enough for the agent's longest pause between two attempts. */
const RECONNECT_MS = 60_000;

describe.each(['rest', 'mqtt'])(
  'a tenant that restarts behind a proxy, with an agent over %s',
  transport => {
    let authority: CertificateAuthority;
    let nameServer: NameServer;
    let data: TemporaryFolder;
    let hosting: OwnHosting;
    let echo: TcpTarget;
    let endpointId: string;

    beforeAll(async () => {
      authority = new CertificateAuthority();
      data = temporaryFolder('restarting-tenant');
      [nameServer, echo] = await Promise.all([startNameServer(), tcpTarget()]);
      const identity = authority.issue({
        commonName: 'localhost',
        subjectAltName: 'DNS:localhost',
      });
      const mqtt = transport === 'mqtt' && { mqtt: { port: await closedPort() } };
      hosting = await OwnHosting.start({
        ...{ authority, identity, nameServer },
        platform: { dataFolder: data.path, port: await closedPort(), ...mqtt },
        agentEnv: ({ mqttUrl }) => (mqttUrl ? { TRANSPORT: 'mqtt', MQTT_URL: mqttUrl } : {}),
      });
      const { id } = await call<Endpoint>(
        '/service/remoteaccess/devices/1001/configurations',
        JSON.stringify({
          ...{ name: 'Echo', protocol: 'PASSTHROUGH', hostname: '127.0.0.1', port: echo.port },
        }),
      );
      endpointId = id;
    });
    afterAll(async () => {
      await hosting.stop();
      await echo.stop();
      nameServer.stop();
      authority.remove();
      data.remove();
    });

    /** A request through the proxy; with a body, a POST. */
    const call = async <Body>(path: string, body?: string): Promise<Body> => {
      const sent = request(`${hosting.origin}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: basic('engineer'), 'content-type': 'application/json' },
        ...{ ca: authority.certificate, agent: false },
      });
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      return (await json(response)) as Body;
    };
    const connect = async (): Promise<Received> => {
      const path = `/service/remoteaccess/client/1001/configurations/${endpointId}`;
      const socket = new WebSocket(`${hosting.origin.replace('https', 'wss')}${path}`, {
        headers: { authorization: basic('operator') },
        ca: authority.certificate,
      });
      await once(socket, 'open');
      return new Received(socket);
    };
    const works = async (near: Received): Promise<void> => {
      const before = near.length;
      near.send(Buffer.from('hello'));
      await near.has(before + 5);
    };
    const linesWith = (event: string): number =>
      hosting.agent.lines.filter(line => line.includes(`"event":"${event}"`)).length;

    it('loses no running session, and new ones open afterwards', async () => {
      const near = await connect();
      await works(near);
      const [lost, found] = [linesWith('not listening'), linesWith('listening')];
      await hosting.stopPlatform();
      await works(near);
      await waitUntil('the agent notices', () => linesWith('not listening') > lost);
      await works(near);
      await hosting.startPlatform();
      await waitUntil('the agent is back', () => linesWith('listening') > found, RECONNECT_MS);
      await works(near);

      const next = await connect();
      await works(next);
      await works(near);
      await Promise.all([near.leave(), next.leave()]);
      await waitUntil('no operation is open', async () => {
        const path = '/devicecontrol/operations?deviceId=1001&pageSize=100';
        const { operations } = await call<{ operations: Operation[] }>(path);
        return operations.length === 2 && operations.every(one => one.status === 'SUCCESSFUL');
      });
    });
  },
);
