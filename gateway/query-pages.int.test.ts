/** GraphiQL and GraphQL Playground as a person uses them, in headless Chromium, with no way out to the internet. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { chromiumFlags, findChromium } from '../scripts/infra/chromium.ts';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

/** How long an answer is waited for before the keys are pressed once more. */
const ANSWER_MS = 10_000;

describe('query pages', () => {
  let browser: Browser;
  let gateway: TestGateway;

  beforeAll(async () => {
    const { path, env } = await findChromium();
    gateway = await startGateway();
    browser = await chromium.launch({
      executablePath: path,
      timeout: 120_000,
      env: { ...process.env, ...env } as Record<string, string>,
      args: [...chromiumFlags, '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  test('GraphiQL loads, runs a typed query and shows the answer', async () => {
    await using visit = await open(browser, `${gateway.url}/graphql`);
    const { page } = visit;
    const editor = page.locator('.graphiql-query-editor .monaco-editor').first();
    await editor.waitFor();
    await untilAnswered(page.locator('.result-window', { hasText: '"world"' }), async () => {
      await editor.click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.type('{ hello');
      // The editor closes braces itself once its language has loaded, which may be later than the first key.
      if (!(await editor.locator('.view-lines').textContent())?.includes('}')) await page.keyboard.type(' }');
      // Its suggestions may cover the button.
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+Enter');
    });
    await visit.screenshot('graphiql');

    expect(visit.outside).toEqual([]);
    expect(visit.violations).toEqual([]);
  });

  test('GraphQL Playground loads, runs a typed query and shows the answer', async () => {
    await using visit = await open(browser, `${gateway.url}/playground`);
    const { page } = visit;
    const editor = page.locator('.query-editor .CodeMirror, .graphiql-wrapper .CodeMirror').first();
    await editor.waitFor();
    await untilAnswered(page.getByText('"world"').first(), async () => {
      await editor.click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText('{ hello }');
      await page.keyboard.press('Control+Enter');
    });
    await visit.screenshot('playground');

    expect(visit.outside).toEqual([]);
    expect(visit.violations).toEqual([]);
  });
});

/** Asks, as a person would once more where nothing happens: keys pressed before the page listens go nowhere. */
async function untilAnswered(answer: Locator, ask: () => Promise<void>): Promise<void> {
  for (let seen = false; !seen; ) {
    await ask();
    seen = await answer.waitFor({ timeout: ANSWER_MS }).then(
      () => true,
      () => false,
    );
  }
}

/** A page that may reach the gateway only, and remembers what else it wanted. */
async function open(browser: Browser, url: string) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page: Page = await context.newPage();
  // Nine megabytes of editor on a busy machine.
  page.setDefaultTimeout(120_000);
  const outside: string[] = [];
  const violations: string[] = [];
  await context.route('**/*', (route) => {
    const target = route.request().url();
    if (new URL(target).origin === new URL(url).origin || /^(data|blob):/.test(target))
      return route.continue();
    outside.push(target);
    return route.abort();
  });
  page.on('console', (message) => {
    if (/Content Security Policy|violates/.test(message.text())) violations.push(message.text());
  });
  page.on('pageerror', (error) => violations.push(String(error)));
  await page.goto(url);
  return {
    page,
    outside,
    violations,
    /** For eyes: SCREENSHOTS names a folder. */
    async screenshot(name: string) {
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}
