/**
 * GraphiQL and GraphQL Playground: two small pages of our own around the bundles of installed packages. Nothing comes
 * from another host, no script stands inline, so the policy below can be strict and both work without the internet.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Asset } from './assets.ts';

export interface QueryPage {
  readonly html: string;
  /** By URL path. */
  readonly assets: Readonly<Record<string, Asset>>;
}

export const HTML_TYPE = 'text/html; charset=utf-8';
const JS_TYPE = 'text/javascript; charset=utf-8';
const CSS_TYPE = 'text/css; charset=utf-8';

/** Both editors write `style` elements at run time; scripts come from here or not at all. */
export const PAGE_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page = (title: string, head: string, scripts: readonly string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
<div id="root"></div>
${scripts.map((src) => `<script src="${src}"></script>`).join('\n')}
</body>
</html>
`;

/** The bundle is 9 MB of text: loaded when the first browser asks. */
const bundle = () => import('@graphql-yoga/render-graphiql/graphiql');

const GRAPHIQL_START = `self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_id, label) =>
    '/assets/graphiql/' + ({ json: 'json', graphql: 'graphql' }[label] ?? 'editor') + '.worker.js',
};
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  title: 'GraphiQL',
  endpoint: '/graphql',
  shouldPersistHeaders: false,
});
`;

export const graphiql: QueryPage = {
  html: page('GraphiQL', '<link rel="stylesheet" href="/assets/graphiql/graphiql.css">', [
    '/assets/graphiql/graphiql.js',
    '/assets/graphiql/start.js',
  ]),
  assets: {
    '/assets/graphiql/graphiql.css': { type: CSS_TYPE, load: async () => (await bundle()).css },
    '/assets/graphiql/graphiql.js': { type: JS_TYPE, load: async () => (await bundle()).js },
    '/assets/graphiql/start.js': { type: JS_TYPE, load: async () => GRAPHIQL_START },
    '/assets/graphiql/editor.worker.js': {
      type: JS_TYPE,
      load: async () => (await bundle()).editorWorkerService,
    },
    '/assets/graphiql/json.worker.js': { type: JS_TYPE, load: async () => (await bundle()).jsonWorker },
    '/assets/graphiql/graphql.worker.js': { type: JS_TYPE, load: async () => (await bundle()).graphqlWorker },
  },
};

const fromPlayground = (file: string) => async () => {
  const root = dirname(createRequire(import.meta.url).resolve('graphql-playground-react/package.json'));
  return readFile(join(root, 'build/static', file));
};

// Settings are ours, never the URL's: the old page's hole was to render what the address said (CVE-2020-4038).
const PLAYGROUND_START = `GraphQLPlayground.init(document.querySelector('#root'), {
  endpoint: '/graphql',
  settings: {
    'request.credentials': 'same-origin',
    'schema.polling.enable': false,
    'tracing.hideTracingResponse': true,
  },
});
`;

export const playground: QueryPage = {
  html: page('GraphQL Playground', '<link rel="stylesheet" href="/assets/playground/playground.css">', [
    '/assets/playground/playground.js',
    '/assets/playground/start.js',
  ]),
  assets: {
    '/assets/playground/playground.css': { type: CSS_TYPE, load: fromPlayground('css/middleware.css') },
    '/assets/playground/playground.js': { type: JS_TYPE, load: fromPlayground('js/middleware.js') },
    '/assets/playground/start.js': { type: JS_TYPE, load: async () => PLAYGROUND_START },
  },
};
