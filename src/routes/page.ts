/** The status page: its HTML at `/`, and its script and style below `/assets/`. */
import { type PageFile, type PageFiles, readPage } from '../page-files.ts';
import { takesGzip } from '../web/takes-gzip.ts';
import type { Route, RouteAnswer, RouteRequest } from './route.ts';

/** What a browser lets the page do: load files of its own, ask the daemon, and nothing else. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const unbuilt =
  'The status page is not built: npm run build makes it. The metrics are there all the same, and so is /api/v1/.\n';

const withoutApi = 'The status page needs the API, which web.api turns off.\n';

/** The routes of the page that was built to `folder`; it shows nothing where the API is off. */
export function pageRoutes(folder: string, apiEnabled: () => boolean): Route[] {
  let reading: Promise<PageFiles | undefined> | undefined;
  const files = async (): Promise<PageFiles | undefined> => {
    reading ??= readPage(folder);
    const found = await reading;
    // It may be built yet.
    if (found === undefined) reading = undefined;
    return found;
  };
  return [
    {
      path: '/',
      methods: ['GET'],
      async handle(request) {
        if (!apiEnabled()) return { text: withoutApi };
        const html = (await files())?.get('index.html');
        if (html === undefined) return { text: unbuilt };
        // The names of the other files change with their content; this one is asked about each time.
        return answer(html, request, { 'cache-control': 'no-cache', 'content-security-policy': policy });
      },
    },
    {
      path: '/assets/*',
      methods: ['GET'],
      async handle(request) {
        const file = (await files())?.get(request.path.slice(1));
        if (file === undefined) return { status: 404, text: 'There is nothing here.\n' };
        return answer(file, request, { 'cache-control': 'public, max-age=31536000, immutable' });
      },
    },
  ];
}

function answer(file: PageFile, { headers: asked }: RouteRequest, headers: Record<string, string>): RouteAnswer {
  const all = { ...headers, etag: file.etag, vary: 'Accept-Encoding' };
  const known = asked['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag);
  if (known === true) return { status: 304, type: file.type, headers: all, text: '' };
  if (!takesGzip(asked['accept-encoding'])) return { type: file.type, headers: all, text: file.plain };
  return { type: file.type, headers: { ...all, 'content-encoding': 'gzip' }, text: file.gzip };
}
