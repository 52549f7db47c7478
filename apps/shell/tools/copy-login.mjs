// Copies the files of the sign-in page that tsc does not write.
import { cp, mkdir } from 'node:fs/promises';

const from = new URL('../src/login/', import.meta.url);
const to = new URL('../dist/login/', import.meta.url);

await mkdir(to, { recursive: true });
for (const file of ['index.html', 'login.css']) await cp(new URL(file, from), new URL(file, to));
