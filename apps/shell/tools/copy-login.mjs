// The sign-in page is plain files: what tsc does not write is copied.
import { cp, mkdir } from 'node:fs/promises';

const from = new URL('../src/login/', import.meta.url);
const to = new URL('../dist/login/', import.meta.url);

await mkdir(to, { recursive: true });
for (const file of ['index.html', 'login.css']) await cp(new URL(file, from), new URL(file, to));
