import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store, StoreData } from './store';

/** Changes come in bursts; one write serves those that come within this time. */
const SAVE_DELAY_MS = 200;

/** The data file cannot be used; the message is meant for a person. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';
}

/** Keeps a store in one JSON file, which at any instant is either the old or the new state. */
export class DataFile {
  readonly path: string;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.path = join(folder, 'emulator.json');
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new DataFileError(`The data folder cannot be made: ${(cause as Error).message}`);
    }
  }

  /** @returns the saved state; nothing where nothing was saved yet */
  read(): StoreData | undefined {
    if (!existsSync(this.path)) return undefined;
    try {
      const data: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      if (isStoreData(data)) return data;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
    }
    throw new DataFileError(
      `The data file ${this.path} is damaged; restore it, or delete it to start afresh`,
    );
  }

  /** Saves the store after each change, from now on. */
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

  /** Saves now what is not saved yet. */
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

  /** 1. All bytes into a file beside it, 2. down to the disk, 3. the file takes the old one's name. */
  private async replace(text: string): Promise<void> {
    const temporary = `${this.path}.new`;
    // Service passwords and sealing keys are in it.
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
