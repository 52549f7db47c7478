import { statSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type Request, type Response, type Router } from 'express';
import { send } from './rest/rest-router';
import { PlatformRefusal } from './auth/platform-refusal';

/** A file name with a content hash, as webpack generates it. */
const HASHED_NAME = /[.-][0-9a-f]{8,}\.\w+(\.map)?$/;

const FOREVER = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

/** Best first. */
const ENCODINGS = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** Where `/` redirects to. */
const HOME = '/apps/devicemanagement/index.html';

export type AppFolders = (contextPath: string, version?: string) => string | undefined;

/**
 * Serves built applications at `/apps/{contextPath}[@version]/…`, like the platform without
 * authentication.
 *
 * @param folderOf finds the folder by context path (`devicemanagement`, `public/login`) and version
 */
export function appFiles(folderOf: AppFolders): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/', (_request, response) => response.redirect(302, HOME));
  router.get('/favicon.ico', (_request, response) => send(response, { status: 204 }));
  router.get('/apps/public/:options/options.json', (request, response, next) => {
    if (!request.params.options.startsWith('public-options@')) return next();
    send(response, { status: 200, body: {} });
  });
  router.get('/apps/*path', (request, response) => serve(folderOf, request, response));
  return router;
}

function serve(folderOf: AppFolders, request: Request, response: Response): void {
  const segments = (request.params['path'] as unknown as string[]).slice();
  const context = [];
  if (segments[0] === 'public') context.push(segments.shift());
  const [name, version] = segments.shift()?.split('@') ?? [];
  context.push(name);
  const contextPath = context.join('/');
  const root = folderOf(contextPath, version);
  if (root === undefined) {
    return send(response, notFound(`No application at /apps/${contextPath}/`));
  }
  if (segments.length === 0) return response.redirect(302, `${request.path}/`);
  const file = segments.join('/') || 'index.html';
  const encoding = compressedBy(root, file, request);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Vary', 'Accept-Encoding');
  if (encoding) {
    response.setHeader('Content-Encoding', encoding.name);
    response.type(extname(file));
  }
  response.sendFile(
    `${file}${encoding?.suffix ?? ''}`,
    {
      root,
      dotfiles: 'ignore',
      cacheControl: false,
      headers: { 'Cache-Control': HASHED_NAME.test(file) ? FOREVER : REVALIDATE },
    },
    (cause?: NodeJS.ErrnoException & { status?: number }) => {
      if (!cause || response.headersSent) return;
      response.removeHeader('Content-Encoding');
      send(response, notFound(`No file ${file} in the application ${contextPath}`));
    },
  );
}

/** The compressed form of a file that the browser accepts, unless the file was rebuilt since. */
function compressedBy(
  root: string,
  file: string,
  request: Request,
): (typeof ENCODINGS)[number] | undefined {
  const path = join(root, file);
  if (!path.startsWith(join(root, '/'))) return undefined;
  return ENCODINGS.find(
    ({ name, suffix }) =>
      request.acceptsEncodings(name) === name && timeOf(`${path}${suffix}`) >= timeOf(path),
  );
}

/** When a file was written; `NaN`, which compares with nothing, if it cannot be read. */
function timeOf(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return Number.NaN;
  }
}

function notFound(message: string): PlatformRefusal {
  return new PlatformRefusal(404, 'application/Not Found', message);
}
