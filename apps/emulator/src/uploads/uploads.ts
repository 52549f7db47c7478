import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { isSubscribed, type Application } from '../store/applications';
import type { Store } from '../store/store';
import { HostedService } from './hosted-service';
import { unpackImage } from './image-files';
import { ArchiveError, type MicroserviceArchive } from './uploaded-archive';

export interface UploadsOptions {
  /** Where uploads are stored; if absent, they are lost with the process. */
  readonly folder?: string | undefined;
  /** Whether uploaded microservices are started: an upload is executable code. */
  readonly run: boolean;
  /** The address of the platform. */
  readonly baseUrl: () => string;
}

/** The files of uploaded applications, and the running microservices among them. */
export class Uploads {
  private madeFolder: string | undefined;
  private readonly services = new Map<string, HostedService>();

  constructor(
    private readonly store: Store,
    private readonly options: UploadsOptions,
  ) {}

  /** A temporary file for an upload in progress. */
  async incoming(): Promise<string> {
    return join(await mkdtemp(join(this.folder, 'incoming-')), 'archive.zip');
  }

  async discard(file: string): Promise<void> {
    await rm(dirname(file), { recursive: true, force: true });
  }

  /**
   * Writes the files of a web application. @throws ArchiveError for names that lead out of the
   * folder
   */
  async putFiles(
    { id }: Application,
    binaryId: string,
    files: Readonly<Record<string, Uint8Array>>,
  ): Promise<void> {
    const folder = this.folderOf(id, binaryId);
    for (const [path, data] of Object.entries(files)) {
      if (path.endsWith('/')) continue;
      const file = resolve(folder, path);
      if (!file.startsWith(folder + sep)) throw new ArchiveError(`The archive has a file ${path}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, data);
    }
  }

  /** The folder with the files of an application, by context path and version or tag. */
  appFolder(contextPath: string, version?: string): string | undefined {
    const found = this.store.applications
      .list()
      .find(one => one.contextPath === contextPath && one.activeVersionId !== undefined);
    if (found?.type !== 'HOSTED') return undefined;
    const { versions = [], id, activeVersionId } = found;
    const wanted =
      version === undefined
        ? activeVersionId
        : versions.find(one => one.version === version || one.tags.includes(version))?.binaryId;
    return wanted === undefined ? undefined : this.folderOf(id, wanted);
  }

  /** Replaces the image of a microservice and starts it. @throws ArchiveError */
  async putImage(application: Application, archive: MicroserviceArchive): Promise<void> {
    const folder = await mkdtemp(join(this.folder, `image-${application.id}-`));
    await chmod(folder, 0o755);
    await chmod(this.folder, 0o755);
    const image = await unpackImage(archive.image, folder).catch(async (cause: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw cause;
    });
    await this.remove(application);
    if (!this.options.run) {
      await rm(folder, { recursive: true, force: true });
      return;
    }
    const { manifest } = archive;
    const service = new HostedService(
      `${application.name}-scope-${application.owner}-deployment-${randomBytes(4).toString('hex')}`,
      image,
      {
        APPLICATION_NAME: application.name,
        APPLICATION_KEY: application.key,
        C8Y_BASEURL: this.options.baseUrl(),
        C8Y_MICROSERVICE_ISOLATION: manifest.isolation,
        C8Y_BOOTSTRAP_TENANT: application.owner,
        C8Y_BOOTSTRAP_USER: bootstrapUserName(application),
        C8Y_BOOTSTRAP_PASSWORD: this.bootstrapPassword(application),
        MEMORY_LIMIT: manifest.memory,
      },
      manifest.livenessPath,
      () => this.publishStatus(application.id),
    );
    this.services.set(application.id, service);
    if (isInUse(application)) await service.start();
  }

  /** Starts a microservice when it gets its first subscription. */
  async startIfNeeded(application: Application): Promise<void> {
    if (isInUse(application)) await this.services.get(application.id)?.start();
    this.publishStatus(application.id);
  }

  /** Stops a microservice and forgets its image. */
  async remove({ id }: Application): Promise<void> {
    const service = this.services.get(id);
    this.services.delete(id);
    await service?.stop();
  }

  /** Where the ingress finds an uploaded microservice; `undefined` if none is hosted there. */
  routeOf(contextPath: string): { readonly url: string | undefined } | undefined {
    const found = this.store.applications
      .list()
      .find(one => one.contextPath === contextPath && this.services.has(one.id));
    return found && { url: this.services.get(found.id)?.url };
  }

  logOf(id: string, instance: string): string | undefined {
    const service = this.services.get(id);
    return service?.instance === instance ? service.log : undefined;
  }

  newPassword(): string {
    return randomBytes(24).toString('base64url');
  }

  /** The password of the user as which a microservice finds its subscribed tenants. */
  bootstrapPassword(application: Application): string {
    const name = bootstrapUserName(application);
    const accounts = this.store.tenant(application.owner)!.accounts;
    const password = accounts.get(name)?.password ?? this.newPassword();
    accounts.put({
      id: name,
      displayName: `Bootstrap user of ${application.name}`,
      kind: 'bootstrap',
      enabled: true,
      password,
      roles: ['ROLE_APPLICATION_MANAGEMENT_READ'],
      devicePermissions: {},
      application: application.name,
    });
    return password;
  }

  /** Shows the status of a microservice on a managed object of its owner, as the platform does. */
  publishStatus(id: string): void {
    const application = this.store.applications.get(id);
    if (!application) return;
    const { managedObjects, ids } = this.store.tenant(application.owner)!;
    const type = `c8y_Application_${id}`;
    const before = managedObjects.list().find(one => one.type === type);
    const service = this.services.get(id);
    const time = this.store.now().toISOString();
    managedObjects.put({
      creationTime: time,
      ...before,
      id: before?.id ?? ids.next(),
      type,
      name: application.name,
      lastUpdated: time,
      c8y_SupportedLogs: ['syslog'],
      c8y_Status: {
        status: service ? (service.status === 'Up' ? 'Up' : 'Down') : 'Unknown',
        details: {
          desired: isInUse(application) ? 1 : 0,
          active: service?.status === 'Up' ? 1 : 0,
          restarts: service?.restarts ?? 0,
        },
        instances: service ? { [service.instance]: { restarts: service.restarts } } : {},
      },
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.services.values()].map(service => service.stop()));
    this.services.clear();
    if (this.madeFolder !== undefined && this.options.folder === undefined) {
      rmSync(this.madeFolder, { recursive: true, force: true });
    }
  }

  /** Created with the first upload; most platforms never get one. */
  private get folder(): string {
    if (this.madeFolder === undefined) {
      this.madeFolder = this.options.folder
        ? join(resolve(this.options.folder), 'uploads')
        : mkdtempSync(join(tmpdir(), 'emulator-uploads-'));
      mkdirSync(this.madeFolder, { recursive: true });
    }
    return this.madeFolder;
  }

  private folderOf(id: string, binaryId: string): string {
    return join(this.folder, `application-${id}`, binaryId);
  }
}

export function bootstrapUserName({ name }: Application): string {
  return `servicebootstrap_${name}`;
}

function isInUse(application: Application): boolean {
  const { subscribers = [] } = application;
  return subscribers.some(tenant => isSubscribed(application, tenant));
}
