import type { LocalStack } from '@remote-access/testkit';
import { expect, type Locator, type Page } from '@playwright/test';

/** An endpoint as stored on the managed object. */
export interface StoredEndpoint {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly protocol: string;
  readonly credentials: Readonly<Record<string, string | null>>;
  readonly [field: string]: unknown;
}

/** The gateway without an agent: only these tests use its list. */
export const GATEWAY = '1002';

/** The Remote access tab of a gateway, operated as a user would. */
export class EndpointsTab {
  constructor(
    readonly page: Page,
    private readonly stack: LocalStack,
    private readonly deviceId = GATEWAY,
  ) {}

  /** Opens the tab for a user who is already signed in; signing in has its own tests. */
  async open(user = 'engineer'): Promise<void> {
    const credentials = this.stack.authorization(user).replace('Basic ', '');
    await this.page.addInitScript(stored => sessionStorage.setItem('_tcy8', stored), credentials);
    const path = `/apps/devicemanagement/index.html#/device/${this.deviceId}/remote-access`;
    await this.page.goto(path);
    const shown = this.list.or(this.page.getByText('No endpoints yet'));
    await expect(shown.first()).toBeVisible({ timeout: 45_000 });
  }

  get list(): Locator {
    return this.page.getByRole('list', { name: 'Endpoints' });
  }

  row(name: string): Locator {
    return this.list.getByRole('listitem').filter({ hasText: name });
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  field(label: string): Locator {
    return this.dialog.getByLabel(label, { exact: true });
  }

  async add(protocol: string, fields: Readonly<Record<string, string>>): Promise<void> {
    await this.page.getByRole('button', { name: 'Add endpoint' }).first().click();
    await this.field('Protocol').selectOption({ label: protocol });
    await this.fill(fields);
  }

  async fill(fields: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, text] of Object.entries(fields)) await this.field(label).fill(text);
  }

  async signInBy(method: string): Promise<void> {
    await this.field('Sign-in method').selectOption({ label: method });
  }

  async save(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(this.dialog).toHaveCount(0);
  }

  /** Chooses from the menu of an entry. */
  async choose(name: string, action: 'Edit' | 'Duplicate' | 'Remove'): Promise<void> {
    await this.row(name).getByTitle('Actions').click();
    await this.page.getByTitle(action, { exact: true }).click();
    await expect(this.dialog).toBeVisible();
  }

  /** The endpoint of this name, as stored on the gateway's managed object. */
  async stored(name: string): Promise<StoredEndpoint | undefined> {
    return (await this.storedList()).find(endpoint => endpoint.name === name);
  }

  async storedList(): Promise<StoredEndpoint[]> {
    const object = await this.json(`/inventory/managedObjects/${this.deviceId}`);
    return (object['c8y_RemoteAccessList'] ?? []) as StoredEndpoint[];
  }

  /** Writes to the inventory directly, as any user with inventory permissions can. */
  async writePast(fragments: object): Promise<void> {
    const path = `/inventory/managedObjects/${this.deviceId}`;
    await this.json(path, { method: 'PUT', body: JSON.stringify(fragments) });
  }

  /** Confirms what was written without the service, as scripts do. */
  async confirmPast(): Promise<void> {
    const path = '/service/remoteaccess/configurations';
    const { endpoints } = await this.json(`${path}/changed`);
    const body = JSON.stringify({ endpoints });
    await this.json(`${path}/confirm`, { method: 'POST', body });
  }

  /** The gateway's audit log, as lines of user and text. */
  async audit(): Promise<string[]> {
    const query = `source=${this.deviceId}&type=Inventory&pageSize=200`;
    const { auditRecords } = await this.json(`/audit/auditRecords?${query}`);
    return (auditRecords as { user: string; text: string }[]).map(
      ({ user, text }) => `${user}: ${text}`,
    );
  }

  private async json(path: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
    const response = await this.stack.fetch(path, 'admin', init);
    return (await response.json()) as Record<string, unknown>;
  }
}
