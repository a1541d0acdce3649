// Drives one Chromium page: each line on stdin is a step, or a JSON list of steps; each step is answered by one JSON line.
// A step: {"do": NAME, ...}. "at" is a CSS selector, or {"role", "name", "exact"}, {"label"}, {"placeholder"} or {"text"}, each with "nth" (-1: the last).
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const given = JSON.parse(process.argv[2]);
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const context = await chromium.launchPersistentContext(given.profile, {
  executablePath: given.chromium,
  headless: true,
  locale: given.locale,
  timezoneId: given.timezone,
  colorScheme: given.colours,
  viewport: { width: given.width, height: given.height },
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
  ],
});
context.setDefaultTimeout(given.timeout);
const page = context.pages()[0] ?? (await context.newPage());
const problems = [];
const outside = [];

page.on('pageerror', (error) => problems.push(String(error)));
page.on('console', (line) => line.type() === 'error' && problems.push(line.text()));
context.on('request', (request) => {
  const url = new URL(request.url());
  if (/^(https?|wss?):$/.test(url.protocol) && !LOOPBACK.has(url.hostname)) outside.push(request.url());
});

function unpicked(at) {
  if (typeof at === 'string') return page.locator(at);
  if (at.role) return page.getByRole(at.role, { name: at.name, exact: at.exact ?? false });
  if (at.label) return page.getByLabel(at.label, { exact: at.exact ?? false });
  if (at.placeholder) return page.getByPlaceholder(at.placeholder, { exact: at.exact ?? false });
  return page.getByText(at.text, { exact: at.exact ?? false });
}

function locator(at) {
  const found = unpicked(at);
  return typeof at === 'object' && at.nth !== undefined ? found.nth(at.nth) : found;
}

const STEPS = {
  goto: async ({ url }) => { await page.goto(url, { waitUntil: 'domcontentloaded' }); },
  fill: ({ at, value }) => locator(at).fill(value),
  click: ({ at }) => locator(at).click(),
  check: ({ at, checked }) => locator(at).setChecked(checked ?? true),
  choose: ({ at, value }) => locator(at).selectOption(value),
  upload: ({ at, files }) => locator(at).setInputFiles(files),
  focus: ({ at }) => locator(at).focus(),
  type: ({ text }) => page.keyboard.type(text),
  press: ({ key, at }) => (at === undefined ? page.keyboard.press(key) : locator(at).press(key)),
  wait_text: ({ text, within }) => page.locator(within ?? 'body').getByText(text).locator('visible=true').last().waitFor(),
  wait_selector: ({ at, state }) => locator(at).waitFor({ state: state ?? 'visible' }),
  screenshot: async ({ path, full, at }) => {
    await page.evaluate(() => document.fonts.ready.then(() => true));
    await (at === undefined ? page.screenshot({ path, fullPage: full ?? false, animations: 'disabled' }) : locator(at).screenshot({ path, animations: 'disabled' }));
  },
  text: ({ at }) => (at === undefined ? page.locator('body') : locator(at)).innerText(),
  value: ({ at }) => locator(at).inputValue(),
  attribute: ({ at, attribute }) => locator(at).getAttribute(attribute),
  count: ({ at }) => unpicked(at).count(),
  eval: ({ script }) => page.evaluate(script),
  viewport: ({ width, height }) => page.setViewportSize({ width, height }),
  url: async () => page.url(),
  problems: async () => problems,
  outside: async () => outside,
};

async function taken(step) {
  try {
    if (!Object.hasOwn(STEPS, step.do)) throw new Error(`no such step: ${step.do}`);
    return { ok: true, value: (await STEPS[step.do](step)) ?? null };
  } catch (error) {
    return { ok: false, error: String(error.message ?? error), url: page.url(), step };
  }
}

process.stdout.write(`${JSON.stringify({ ok: true, value: 'ready' })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const steps = JSON.parse(line);
  for (const step of Array.isArray(steps) ? steps : [steps]) process.stdout.write(`${JSON.stringify(await taken(step))}\n`);
}
await context.close();
