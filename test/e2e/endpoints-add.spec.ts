import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EndpointsTab } from './endpoints-tab';
import { expect, test } from './test';

/** A flow of many steps, with a browser on two cores that others use too. */
test.describe.configure({ timeout: 120_000 });

const SEALED = /^\{cipher\}v1\./;

/** A key with a certificate that serves the user "pi", as an authority of a plant makes it. */
function certifiedKey(): { privateKey: string; certificate: string } {
  const [authority, file] = [join(folder, 'authority'), join(folder, 'id_certified')];
  for (const one of [authority, file]) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', one]);
  }
  const grant = ['-I', 'pi of line 4', '-n', 'pi', '-V', '+1h'];
  execFileSync('ssh-keygen', ['-q', '-s', authority, ...grant, `${file}.pub`]);
  return {
    privateKey: readFileSync(file, 'utf8'),
    certificate: readFileSync(`${file}-cert.pub`, 'utf8'),
  };
}

/** A protected key as ssh-keygen makes it. */
function protectedKey(passphrase: string): { file: string; publicKey: string; sha256: string } {
  const file = join(folder, 'id_protected');
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', passphrase, '-C', 'me@desk', '-f', file]);
  const publicKey = readFileSync(`${file}.pub`, 'utf8').trim();
  const listed = execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' });
  return { file, publicKey, sha256: listed.split(' ')[1]! };
}

let folder: string;
test.beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'endpoints-'))));
test.afterAll(() => rmSync(folder, { recursive: true }));

test('an engineer adds endpoints via VNC, Telnet and passthrough', async ({
  page,
  stack,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const tab = new EndpointsTab(page, stack);
  await tab.open();

  await test.step('VNC without a password', async () => {
    await tab.add('VNC', { Name: 'HMI open', Host: '10.0.0.1' });
    await expect(tab.field('Port')).toHaveValue('5900');
    await expect(tab.field('Sign-in method')).toHaveValue('NONE');
    await tab.dialog.getByText('View only').click();
    await tab.save();
    await expect(tab.row('HMI open')).toContainText('10.0.0.1:5900');
    expect(await tab.stored('HMI open')).toMatchObject({
      protocol: 'VNC',
      port: 5900,
      viewOnly: true,
      shared: true,
      credentials: { type: 'NONE', password: null },
    });
  });

  await test.step('VNC with a password only', async () => {
    await tab.add('VNC', { Name: 'HMI', Host: '10.0.0.2', Port: '5901' });
    await tab.signInBy('Password only');
    await tab.fill({ Password: 'correct horse' });
    await tab.save();
    const stored = await tab.stored('HMI');
    expect(stored).toMatchObject({ port: 5901, credentials: { type: 'PASS_ONLY' } });
    expect(stored?.credentials['password']).toMatch(SEALED);
  });

  await test.step('VNC with user and password', async () => {
    await tab.add('VNC', { Name: 'HMI of the boss', Host: 'hmi.factory' });
    await tab.signInBy('Username and password');
    await tab.fill({ Username: 'boss', Password: 'correct horse' });
    await tab.save();
    expect(await tab.stored('HMI of the boss')).toMatchObject({
      credentials: { type: 'USER_PASS', username: 'boss' },
    });
  });

  await test.step('Telnet, warned that it is not secure', async () => {
    await tab.add('Telnet', { Name: 'Old PLC', Host: '10.0.0.3' });
    await expect(tab.dialog.getByText('Telnet is not encrypted')).toBeVisible();
    await expect(tab.field('Port')).toHaveValue('23');
    await tab.field('Character encoding').selectOption({ label: 'DOS (code page 437)' });
    await tab.save();
    expect(await tab.stored('Old PLC')).toMatchObject({
      protocol: 'TELNET',
      port: 23,
      encoding: 'cp437',
      credentials: { type: 'NONE' },
    });
  });

  await test.step('passthrough, with commands to copy', async () => {
    await tab.add('Passthrough', { Name: "Drive's web", Host: '10.0.0.4', Port: '443' });
    await tab.save();
    await page.getByRole('button', { name: "How to connect to Drive's web" }).click();
    await expect(tab.dialog.getByText('c8ylp server gw-2').first()).toBeVisible();
    await tab.dialog.getByRole('button', { name: 'Copy command' }).first().click();
    await expect(tab.dialog.getByText('Copied').first()).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
      `c8y remoteaccess server --device 1002 --configuration 'Drive'\\''s web' --listen 127.0.0.1:0`,
    );
    await tab.dialog.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('finds each in the audit log, and no secret', async () => {
    const audit = await tab.audit();
    for (const name of ['HMI open', 'HMI', 'HMI of the boss', 'Old PLC', "Drive's web"]) {
      expect(audit.filter(text => text.startsWith(`engineer: Endpoint "${name}"`))).toHaveLength(1);
    }
    expect(audit.join()).not.toContain('correct horse');
  });
});

test('an engineer adds endpoints via SSH, with each way to sign in', async ({ page, stack }) => {
  const tab = new EndpointsTab(page, stack);
  await tab.open();

  await test.step('user and password', async () => {
    await tab.add('SSH', { Name: 'By password', Host: '10.0.0.5' });
    await tab.fill({ Username: 'pi', Password: 'correct horse' });
    await tab.dialog.getByText('Allow legacy algorithms').click();
    await expect(tab.dialog.getByText('Weak ciphers and signatures')).toBeVisible();
    await tab.save();
    const stored = await tab.stored('By password');
    expect(stored).toMatchObject({
      legacyAlgorithms: true,
      credentials: { type: 'USER_PASS', username: 'pi' },
    });
    expect(stored?.credentials['password']).toMatch(SEALED);
  });

  await test.step('a generated pair, its public half to download', async () => {
    await tab.add('SSH', { Name: 'By new keys', Host: '10.0.0.6' });
    await tab.signInBy('Public/private keys');
    await tab.fill({ Username: 'pi' });
    await tab.field('New key pair').selectOption({ label: 'ECDSA 384' });
    await tab.dialog.getByRole('button', { name: 'Generate' }).click();
    await expect(tab.field('Private key')).toHaveValue(/BEGIN OPENSSH PRIVATE KEY/);
    await expect(tab.dialog.getByText('ECDSA, 384 bits')).toBeVisible();
    await expect(tab.dialog.getByText(/^SHA256:/)).toBeVisible();
    await expect(tab.dialog.getByText('pi@10.0.0.6').first()).toBeVisible();
    const downloading = page.waitForEvent('download');
    await tab.dialog.getByRole('button', { name: 'Download public key' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('id_ecdsa.pub');
    const line = readFileSync(await download.path(), 'utf8').trim();
    await tab.save();
    expect((await tab.stored('By new keys'))?.credentials).toMatchObject({
      type: 'KEY_PAIR',
      privateKey: expect.stringMatching(SEALED),
      publicKey: line,
    });
  });

  const key = protectedKey('open sesame');

  await test.step('a protected key from a file, with its passphrase', async () => {
    await tab.add('SSH', { Name: 'By file', Host: '10.0.0.7' });
    await tab.signInBy('Public/private keys');
    await tab.fill({ Username: 'pi' });
    const choosing = page.waitForEvent('filechooser');
    await tab.dialog.getByRole('button', { name: 'Private key from a file' }).click();
    await (await choosing).setFiles(key.file);
    await tab.fill({ Passphrase: 'wrong' });
    await expect(tab.dialog.getByText('The passphrase of the private key is wrong.')).toHaveCount(
      0,
    );
    await tab.field('Passphrase').blur();
    await expect(tab.dialog.getByText('The passphrase of the private key is wrong.')).toBeVisible();
    await tab.fill({ Passphrase: 'open sesame' });
    await expect(tab.dialog.getByText(key.sha256)).toBeVisible();
    await expect(tab.field('Public key (optional)')).toHaveValue(key.publicKey);
    await tab.save();
    const stored = await tab.stored('By file');
    expect(stored?.credentials['publicKey']).toBe(key.publicKey);
    expect(JSON.stringify(stored)).not.toContain('open sesame');
  });

  await test.step('a pasted key that belongs to another public key is refused there', async () => {
    const { privateKey } = stack.description.target;
    await tab.add('SSH', { Name: 'By paste', Host: '10.0.0.8' });
    await tab.signInBy('Public/private keys');
    await tab.fill({ Username: 'pi', 'Public key (optional)': key.publicKey });
    await tab.fill({ 'Private key': privateKey });
    await expect(tab.dialog.getByText('does not belong to this public key')).toBeVisible();
    await tab.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(tab.field('Public key (optional)')).toBeFocused();
    await tab.fill({ 'Public key (optional)': '' });
    await tab.save();
    expect((await tab.stored('By paste'))?.credentials['publicKey']).toMatch(/^ssh-/);
  });

  await test.step('a certificate, its file dropped into the field', async () => {
    const { privateKey, certificate } = certifiedKey();
    await tab.add('SSH', { Name: 'By certificate', Host: '10.0.0.9' });
    await tab.signInBy('Certificate');
    await tab.fill({ Username: 'pi', 'Private key': privateKey });
    const dataTransfer = await page.evaluateHandle(text => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'id-cert.pub'));
      return transfer;
    }, certificate);
    await tab.field('Certificate').dispatchEvent('drop', { dataTransfer });
    await expect(tab.field('Certificate')).toHaveValue(certificate);
    await expect(tab.dialog.getByText('pi of line 4')).toBeVisible();
    await tab.save();
    expect((await tab.stored('By certificate'))?.credentials).toMatchObject({
      type: 'CERTIFICATE',
      certificate: expect.stringMatching(/^ssh-ed25519-cert-v01@openssh\.com /),
    });
  });

  await test.step('finds each in the audit log, with the names of the secrets alone', async () => {
    const audit = (await tab.audit()).join('\n');
    expect(audit).toContain('engineer: Endpoint "By password"');
    expect(audit).toMatch(/"By file".*secrets set: privateKey/);
    expect(audit).not.toMatch(/correct horse|BEGIN/);
  });
});

test('an engineer picks a known address, and pins the host key that the server shows', async ({
  page,
  stack,
}) => {
  const { target } = stack.description;
  const tab = new EndpointsTab(page, stack, '1001');
  const child = {
    name: 'Press 7',
    c8y_IsDevice: {},
    c8y_Network: { c8y_LAN: { ip: '10.0.0.77' } },
  };
  const children = '/inventory/managedObjects/1001/childDevices';
  await stack.fetch(children, 'admin', { method: 'POST', body: JSON.stringify(child) });
  await tab.open();
  await tab.add('SSH', { Name: 'Pinned', Host: 'localhost', Port: String(target.port) });
  const suggested = tab.dialog.locator('datalist option');
  await expect(suggested.and(page.locator('[value="localhost"]'))).toHaveCount(1);
  await expect(suggested.and(page.locator('[value="10.0.0.77"]'))).toHaveText('Press 7');
  await tab.fill({ Username: target.userName, Password: 'p' });
  await tab.fill({ 'Host key (optional)': 'no key at all' });
  await expect(tab.dialog.getByText('This is not a host key.')).toBeVisible();
  await tab.dialog.getByRole('button', { name: 'Fetch from server' }).click();
  await expect(tab.dialog.getByText('are not verified')).toBeVisible();
  const pinned = target.hostKey.split(' ').slice(0, 2).join(' ');
  await expect(tab.field('Host key (optional)')).toHaveValue(new RegExp(escaped(pinned)));
  await tab.save();
  expect((await tab.stored('Pinned'))?.credentials['hostKey']).toContain(pinned);
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
