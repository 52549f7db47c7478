import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store, StoreData } from './store';

/** Changes within this time are saved together. */
const SAVE_DELAY_MS = 200;

/** The data file cannot be used. The message is for the user. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';
}

/** Saves a store as one JSON file. Each write is atomic. */
export class DataFile {
  readonly path: string;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.path = join(folder, 'emulator.json');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new DataFileError(`The data folder cannot be created: ${(cause as Error).message}`);
    }
  }

  /** @returns `undefined` if nothing was saved yet */
  read(): StoreData | undefined {
    if (!existsSync(this.path)) return undefined;
    try {
      const data: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      if (isStoreData(data)) return data;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
    }
    throw new DataFileError(
      `The data file ${this.path} is damaged; restore it, or delete it to start over`,
    );
  }

  /** Saves the store after every change from now on. */
  follow(store: Store): void {
    store.onTouched(() => {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.save(store).catch((cause: unknown) => {
          process.stderr.write(`The data file ${this.path} cannot be written: ${String(cause)}\n`);
        });
      }, SAVE_DELAY_MS);
    });
  }

  /** Saves the store now. */
  async flush(store: Store): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.save(store);
  }

  private save(store: Store): Promise<void> {
    const write = (): Promise<void> => this.replace(JSON.stringify(store));
    this.writing = this.writing.then(write, write);
    return this.writing;
  }

  /** Writes a temporary file, flushes it to the disk, and renames it over the old one. */
  private async replace(text: string): Promise<void> {
    const temporary = `${this.path}.new`;
    // The file contains service passwords and sealing keys.
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
  }
}

function isStoreData(data: unknown): data is StoreData {
  return (
    typeof data === 'object' &&
    data !== null &&
    'tenants' in data &&
    Array.isArray(data.tenants) &&
    data.tenants.every(
      (tenant: unknown) =>
        typeof tenant === 'object' &&
        tenant !== null &&
        'name' in tenant &&
        typeof tenant.name === 'string' &&
        Object.values(tenant).every(value => Array.isArray(value) || typeof value !== 'object'),
    )
  );
}
