import { waitUntil } from '@remote-access/testkit';
import { once } from 'node:events';
import { Server, type ServerChannel } from 'ssh2';
import {
  dial,
  hostKey,
  listen,
  readAll,
  shellOn,
  sshServer,
  acceptRightPassword,
} from './open-shell.fixture';

/** Where ssh2 passes on decrypted packets. */
interface Payloads {
  readonly _decipher: { _onPayload: (payload: Buffer) => void };
}

describe('the shell', () => {
  it('reports the exit status', async () => {
    const { port } = await sshServer(acceptRightPassword, channel => {
      channel.exit(7);
      channel.end('bye');
    });
    const shell = await shellOn(port);
    expect(await readAll(shell)).toBe('bye');
    expect(shell.exitStatus).toBe(7);
    expect(shell.connectionLost).toBe(false);
  });

  it('reports the signal that ended it', async () => {
    const { port } = await sshServer(acceptRightPassword, channel => {
      channel.exit('TERM', true, 'gone');
      channel.end();
    });
    const shell = await shellOn(port);
    await readAll(shell);
    expect(shell.exitStatus).toBeUndefined();
    expect(shell.exitSignal).toBe('SIGTERM');
    expect(shell.connectionLost).toBe(false);
  });

  it('sends a break of half a second', async () => {
    const requests: Buffer[] = [];
    const { port } = await sshServer(acceptRightPassword, channel => {
      const { _protocol } = (channel as unknown as { _client: { _protocol: Payloads } })._client;
      const usual = _protocol._decipher._onPayload;
      _protocol._decipher._onPayload = payload => {
        requests.push(Buffer.from(payload));
        usual(payload);
        channel.write('.');
      };
      channel.write('hello');
    });
    const shell = await shellOn(port);
    await once(shell, 'data');
    shell.sendBreak();
    await once(shell, 'data');
    shell.destroy();
    const [request] = requests;
    // RFC 4335 3: the channel, "break", no answer wanted, milliseconds.
    expect(request?.subarray(5).toString('latin1')).toBe('\0\0\0\x05break\0\0\0\x01\xf4');
    expect(request?.[0]).toBe(98);
    shell.sendBreak();
  });

  it('security: counts the memory of output in many small packets while nobody reads it', async () => {
    let far: ServerChannel | undefined;
    const { port } = await sshServer(acceptRightPassword, channel => (far = channel));
    const shell = await shellOn(port);
    while (!far) await new Promise(setImmediate);
    for (let count = 1; count <= 200; count += 1) {
      far.write('x');
      while (shell.readableLength < count) await new Promise(setImmediate);
    }
    expect(shell.heldBytes).toBeGreaterThan(50 * 200);
    shell.resume();
    while (shell.readableLength > 0) await new Promise(setImmediate);
    expect(shell.heldBytes).toBe(0);
    shell.destroy();
  });

  it('security: sizes and breaks do not accumulate for a server that does not read', async () => {
    const { port } = await sshServer(acceptRightPassword, channel => channel.write('hello'));
    const socket = await dial(port);
    const shell = await shellOn(port, { socket });
    await once(shell, 'data');
    // As if the network accepted nothing: what is written stays in the stream.
    socket.cork();
    for (let i = 0; i < 50_000; i += 1) {
      shell.resize({ cols: 80 + (i % 100), rows: 24 });
      shell.sendBreak();
    }
    expect(socket.writableLength).toBeLessThan(256 * 1024);
    shell.destroy();
  });

  it('passes bytes of every value unchanged in both directions', async () => {
    const { port } = await sshServer(acceptRightPassword, channel => channel.pipe(channel));
    const shell = await shellOn(port);
    const every = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    shell.write(every);
    const [echo] = (await once(shell, 'data')) as [Buffer];
    expect(echo.equals(every)).toBe(true);
    shell.destroy();
  });

  it('hangs up when it is ended', async () => {
    let hungUp: Promise<unknown> = Promise.resolve();
    const { port } = await sshServer(acceptRightPassword, channel => {
      hungUp = once(channel.resume(), 'close');
    });
    const shell = await shellOn(port);
    shell.resume().end();
    await hungUp;
  });

  it('has the latest size when the terminal is ready', async () => {
    const sizes: [number, number][] = [];
    const changed = new Promise<void>(resolve => {
      const server = new Server({ hostKeys: [hostKey.private] }, client => {
        client.on('error', () => client.end());
        client.on('authentication', acceptRightPassword);
        client.on('session', accept => {
          const session = accept();
          session.on('pty', (acceptPty, _reject, { cols, rows }) => {
            sizes.push([cols, rows]);
            acceptPty();
          });
          session.on('window-change', (_accept, _reject, { cols, rows }) => {
            sizes.push([cols, rows]);
            resolve();
          });
          session.on('shell', acceptShell => acceptShell());
        });
      });
      let asked = 0;
      void listen(socket => server.injectSocket(socket)).then(port =>
        shellOn(port, { size: () => ({ cols: (asked += 100), rows: 30 }) }),
      );
    });
    await changed;
    expect(sizes).toEqual([
      [100, 30],
      [200, 30],
    ]);
  });

  it('reports a lost connection', async () => {
    const server = await sshServer(acceptRightPassword, channel => channel.write('x'));
    const socket = await dial(server.port);
    const shell = await shellOn(server.port, { socket });
    shell.once('data', () => socket.destroy());
    await once(shell, 'end');
    expect(shell.connectionLost).toBe(true);
  });

  it('applies backpressure while nobody reads, and delivers everything afterwards', async () => {
    const total = 64 * 1024 * 1024;
    let sent = 0;
    let window = (): number => NaN;
    const { port } = await sshServer(acceptRightPassword, channel => {
      const { outgoing } = channel as unknown as { outgoing: { window: number } };
      window = () => outgoing.window;
      const chunk = Buffer.alloc(64 * 1024, 0x61);
      const fill = (): void => {
        while (sent < total) {
          sent += chunk.length;
          if (!channel.write(chunk)) return;
        }
        channel.end();
      };
      channel.on('drain', fill);
      fill();
    });
    const shell = await shellOn(port);
    await waitUntil('the window is used up', () => window() === 0);
    // The reader extends it only as it reads.
    expect(sent).toBeLessThan(3 * 1024 * 1024);
    let received = 0;
    for await (const chunk of shell) received += (chunk as Buffer).length;
    expect(received).toBe(total);
  });
});

describe('the round trip to the server', () => {
  it('is measured with a request that every server answers', async () => {
    const { port } = await sshServer(acceptRightPassword, channel => channel.write('hello'));
    const shell = await shellOn(port);
    shell.resume();
    expect(shell.measureRoundTrip()).toBeUndefined();
    await waitUntil('an answer', () => shell.measureRoundTrip() !== undefined);
    expect(shell.measureRoundTrip()).toBeGreaterThan(0);
    shell.destroy();
  });

  it('is requested one at a time', async () => {
    let requests = 0;
    const { port } = await sshServer(acceptRightPassword, channel => {
      const { _protocol } = (channel as unknown as { _client: { _protocol: Payloads } })._client;
      const usual = _protocol._decipher._onPayload;
      _protocol._decipher._onPayload = payload => {
        requests += Number(payload.includes('keepalive@openssh.com'));
        usual(payload);
      };
      channel.write('hello');
    });
    const shell = await shellOn(port);
    shell.resume();
    for (let count = 0; count < 100; count += 1) shell.measureRoundTrip();
    await waitUntil('an answer', () => requests > 0);
    expect(requests).toBe(1);
    shell.destroy();
  });

  it('is overdue once a server that has answered before sends nothing more', async () => {
    let frozen = false;
    let unanswered = 0;
    let says: (text: string) => void = () => undefined;
    const { port } = await sshServer(acceptRightPassword, channel => {
      const { _protocol } = (channel as unknown as { _client: { _protocol: Payloads } })._client;
      const usual = _protocol._decipher._onPayload;
      _protocol._decipher._onPayload = payload => {
        if (!frozen) usual(payload);
        else if (payload.includes('keepalive@openssh.com')) unanswered += 1;
      };
      says = text => channel.write(text);
      channel.write('hello');
    });
    const shell = await shellOn(port);
    let seen = '';
    shell.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const usualNow = performance.now.bind(performance);
    let laterMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => usualNow() + laterMs);
    try {
      await waitUntil('an answer', () => shell.measureRoundTrip() !== undefined);
      frozen = true;
      await waitUntil('a probe that is not answered', () => {
        shell.measureRoundTrip();
        return unanswered > 0;
      });
      expect(shell.isSilent).toBe(false);
      laterMs += 5_000;
      expect(shell.isSilent).toBe(true);
      // Output is a sign of life, even if the server's answer is late.
      says('still here');
      await waitUntil('the output arrives', () => seen.endsWith('still here'));
      expect(shell.isSilent).toBe(false);
      laterMs += 5_000;
      expect(shell.isSilent).toBe(true);
    } finally {
      clock.mockRestore();
      shell.destroy();
    }
  });

  it('is never overdue for a server that has not answered yet', async () => {
    const { port } = await sshServer(acceptRightPassword, channel => {
      const { _protocol } = (channel as unknown as { _client: { _protocol: Payloads } })._client;
      _protocol._decipher._onPayload = () => undefined;
      channel.write('hello');
    });
    const shell = await shellOn(port);
    shell.resume();
    const clock = jest.spyOn(performance, 'now');
    shell.measureRoundTrip();
    clock.mockImplementation(() => Number.MAX_SAFE_INTEGER);
    try {
      expect(shell.isSilent).toBe(false);
    } finally {
      clock.mockRestore();
      shell.destroy();
    }
  });
});
