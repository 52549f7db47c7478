import type { Endpoint, EndpointBody } from '@remote-access/contracts';
import {
  startXvnc,
  tcpTarget,
  temporaryFolder,
  type LocalStack,
  type Xvnc,
} from '@remote-access/testkit';
import type { BenchEntry } from './entry';
import { NovncPage, type ScreenFigures, type ScreenPlace } from './novnc-page';
import { median } from './ratios';
import { startWebsockify } from './websockify';

const ROUNDS = 7;
const LOOK_MS = 5_000;
const GEOMETRY = '1280x800';
const PASSWORD = 'panel 42';
const USER = 'operator';

/** Fills the screen and changes all of it as fast as two cores can draw. */
const MOVING_PICTURE = [
  ...['-u8', '-fn', 'fixed', '-geometry', '213x61+0+0', '-bg', '#123456', '-fg', 'white'],
  ...['-e', 'sh', '-c', 'while :; do head -c 9000 /dev/urandom | base64 -w 0; sleep 0.02; done'],
];

const GOALS = { firstFrame: 1.2, framesPerSecond: 0.9 };

/** noVNC through the service and the gateway, compared with noVNC over websockify. */
export const desktop: BenchEntry = {
  name: 'desktop',
  async run(stack) {
    const folder = temporaryFolder('bench');
    const xvnc = await startXvnc({
      securityTypes: ['VncAuth'],
      password: PASSWORD,
      geometry: GEOMETRY,
    });
    try {
      xvnc.run('xterm', ...MOVING_PICTURE);
      for (const line of await measureDesktop(stack, xvnc, folder.path)) console.log(line);
    } finally {
      await xvnc.stop();
      folder.remove();
    }
  },
};

async function measureDesktop(stack: LocalStack, xvnc: Xvnc, folder: string): Promise<string[]> {
  const websockify = await startWebsockify(xvnc.port, folder);
  if (typeof websockify === 'string') return [`websockify: not measured, ${websockify}`];
  const greeter = await tcpTarget(socket => void socket.write('x'));
  const authorization = stack.authorization(USER);
  const figures: Record<'ours' | 'peer', ScreenFigures[]> = { ours: [], peer: [] };
  const roundTrips: number[] = [];
  let page: NovncPage | undefined;
  try {
    page = await NovncPage.open(stack.url, authorization);
    const screen = await placeOf(stack, {
      port: xvnc.port,
      protocol: 'VNC',
      credentialsType: 'PASS_ONLY',
      password: PASSWORD,
    });
    const echo = await placeOf(stack, { port: greeter.port, protocol: 'PASSTHROUGH' });
    const peer = { webSocketUrl: websockify.url, password: PASSWORD };
    console.log(`Viewing a screen of ${GEOMETRY} ${2 * ROUNDS} times for ${LOOK_MS / 1000} s …`);
    // The first round is a warm-up.
    for (let round = -1; round < ROUNDS; round += 1) {
      const roundTrip = await page.firstByte(echo);
      const ours = await page.look(screen, LOOK_MS);
      const theirs = await page.look(peer, LOOK_MS);
      if (round < 0) continue;
      roundTrips.push(roundTrip);
      figures.ours.push(ours);
      figures.peer.push(theirs);
    }
  } finally {
    await page?.close();
    await Promise.all([websockify.stop(), greeter.stop()]);
  }
  return shown(figures.ours, figures.peer, roundTrips);
}

function shown(
  ours: readonly ScreenFigures[],
  peer: readonly ScreenFigures[],
  roundTrips: readonly number[],
): string[] {
  const of = (side: readonly ScreenFigures[], figure: keyof ScreenFigures): string => {
    const values = side.map(one => one[figure]);
    const bounds = [Math.min(...values), Math.max(...values)].map(value => value.toFixed(0));
    return `${median(values).toFixed(0)} (${bounds.join('–')})`;
  };
  const ratio = (value: (round: number) => number): string =>
    median(ours.map((_, round) => value(round))).toFixed(2);
  const firstFrame = ratio(
    round => ours[round]!.firstFrameMs / (peer[round]!.firstFrameMs + roundTrips[round]!),
  );
  const frames = ratio(round => ours[round]!.framesPerSecond / peer[round]!.framesPerSecond);
  return [
    `click -> first frame: ${of(ours, 'firstFrameMs')} ms, websockify ${of(peer, 'firstFrameMs')} ms, ` +
      `first byte through the gateway ${median(roundTrips).toFixed(0)} ms: ` +
      `${firstFrame} times the sum of those (goal: at most ${GOALS.firstFrame})`,
    `frames per second: ${of(ours, 'framesPerSecond')}, websockify ${of(peer, 'framesPerSecond')}: ` +
      `${frames} times that (goal: at least ${GOALS.framesPerSecond})`,
  ];
}

async function placeOf(
  stack: LocalStack,
  body: Omit<EndpointBody, 'name' | 'hostname'>,
): Promise<ScreenPlace> {
  const whole = { name: `Desktop by ${body.protocol}`, hostname: '127.0.0.1', ...body };
  const path = '/service/remoteaccess/devices/1001/configurations';
  const init = { method: 'POST', body: JSON.stringify(whole) };
  const response = await stack.fetch(path, 'engineer', init);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as Endpoint;
  const client = `/service/remoteaccess/client/1001/configurations/${id}`;
  return {
    webSocketUrl: `${stack.url.replace(/^http/, 'ws')}${client}`,
    ticketPath: `${client}/tickets`,
    password: PASSWORD,
  };
}
