import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@remote-access/testkit';
import { askForConsent } from './consent';

describe('askForConsent', () => {
  const folder = temporaryFolder('consent');
  afterAll(() => folder.remove());
  const target = { host: '10.0.0.5', port: 22 };
  const ask = (script: string, timeoutSeconds = 20, signal = new AbortController().signal) => {
    const path = join(folder.path, 'ask');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o700);
    const settings = { command: [path, 'an argument'], timeoutSeconds };
    return askForConsent(settings, { target, operationId: '7' }, signal);
  };

  it('consents on exit code 0', async () => {
    const checks = '[ "$TARGET_HOST:$TARGET_PORT $OPERATION_ID $1" = "10.0.0.5:22 7 an argument" ]';
    expect(await ask(checks)).toBeUndefined();
  });

  it('refuses on any other exit code, and passes on the first line', async () => {
    expect(await ask('exit 3')).toBe('the gateway did not consent');
    expect(await ask('echo "maintenance\tuntil 4 pm"; echo more; exit 1')).toBe(
      'the gateway did not consent: maintenance until 4 pm',
    );
    expect(await ask('kill -9 $$')).toBe('the gateway did not consent');
  });

  it('treats no answer as a refusal, and ends the program and its children', async () => {
    expect(await ask('sleep 60 & wait', 1)).toMatch(/did not answer within 1 s/);
  });

  it('does not wait for a child that keeps the output open', async () => {
    expect(await ask('sleep 60 & exit 0')).toBeUndefined();
  });

  it('refuses if the program cannot be started', async () => {
    const settings = { command: ['/no/such/program'], timeoutSeconds: 20 };
    const request = { target, operationId: '7' };
    const { signal } = new AbortController();
    expect(await askForConsent(settings, request, signal)).toMatch(/could not be started/);
  });

  it('security: shows the program no credentials', async () => {
    process.env['DEVICE_PASSWORD'] = 'open sesame';
    try {
      expect(await ask('env | grep -q sesame && exit 1; exit 0')).toBeUndefined();
    } finally {
      delete process.env['DEVICE_PASSWORD'];
    }
  });
});
