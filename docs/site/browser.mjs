// Looks at the built site in Chromium: no page wider than a phone, nothing asked of another host, no errors, the search finds,
// dark mode is dark. With SHOTS=DIR it leaves pictures.
//
//   CHROMIUM=/usr/bin/chromium node browser.mjs SITE [PART]
//
// With PART only the pages with that in their path are tried for their width.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFile, readdir, mkdir } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';

const { chromium } = createRequire(join(process.cwd(), 'x.js'))('playwright-core');
const site = resolve(process.argv[2]);
const part = process.argv[3] ?? '';
const shots = process.env.SHOTS;
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json', '.png': 'image/png' };
const PICTURES = {
  home: 'index.html',
  guide: 'guide/caching.html',
  rule: 'rules/go/modules-after-source.html',
  settings: 'reference/settings.html',
  chinese: 'zh/guide/index.html',
};
const wrong = [];

function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    try {
      const body = await readFile(join(site, path.endsWith('/') ? `${path}index.html` : path));
      response.writeHead(200, { 'content-type': TYPES[extname(path) || '.html'] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

async function pages() {
  const all = await readdir(site, { recursive: true });
  return all.filter((path) => path.endsWith('.html') && !path.endsWith('404.html') && path.includes(part)).sort();
}

async function open(browser, home, options) {
  const context = await browser.newContext({ deviceScaleFactor: 1, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(120000);
  await page.route('**', (route) => {
    const url = route.request().url();
    if (url.startsWith(home) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue();
    wrong.push(`${page.url()}: asks ${url}`);
    return route.abort();
  });
  page.on('pageerror', (error) => wrong.push(`${page.url()}: ${error.message}`));
  page.on('response', (answer) => answer.status() >= 400 && wrong.push(`${page.url()}: ${answer.status()} ${answer.url()}`));
  return page;
}

async function phone(browser, home, paths) {
  const page = await open(browser, home, { viewport: { width: 390, height: 844 }, hasTouch: true });
  let widest = 0;
  for (const path of paths) {
    await page.goto(home + path, { waitUntil: 'load' });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    widest = Math.max(widest, width);
    if (width > 390) wrong.push(`${path}: ${width} px wide on a phone of 390`);
  }
  console.log(`phone: ${paths.length} pages, the widest ${widest} px of 390`);
  await page.context().close();
}

async function search(browser, home, path, word) {
  const page = await open(browser, home, { viewport: { width: 1280, height: 900 } });
  await page.goto(home + path, { waitUntil: 'load' });
  await page.click('label[for=__search] >> nth=0', { force: true }).catch(() => {});
  await page.fill('input.md-search__input', word);
  const first = page.locator('.md-search-result__link').first();
  try {
    await first.waitFor({ state: 'attached', timeout: 120000 });
    console.log(`search: "${word}" finds ${(await first.innerText()).split('\n')[0].trim()}`);
  } catch {
    wrong.push(`${path}: the search finds nothing for "${word}"`);
  }
  await page.context().close();
}

async function dark(browser, home) {
  const colors = [];
  for (const colorScheme of ['light', 'dark']) {
    const page = await open(browser, home, { viewport: { width: 1280, height: 900 }, colorScheme });
    await page.goto(`${home}guide/caching.html`, { waitUntil: 'load' });
    colors.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    if (shots && colorScheme === 'dark') await page.screenshot({ path: join(shots, 'guide-dark-1280.png') });
    await page.context().close();
  }
  if (colors[0] === colors[1]) wrong.push(`dark mode is as light as the other: ${colors}`);
  console.log(`dark mode: ${colors[0]} and ${colors[1]}`);
}

async function pictures(browser, home) {
  await mkdir(shots, { recursive: true });
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    const page = await open(browser, home, { viewport: { width, height } });
    for (const [name, path] of Object.entries(PICTURES)) {
      await page.goto(home + path, { waitUntil: 'load' });
      await page.screenshot({ path: join(shots, `${name}-${width}.png`) });
    }
    await page.context().close();
  }
  console.log(`pictures: ${relative(process.cwd(), shots) || shots}`);
}

const server = await serve();
const home = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  await phone(browser, home, await pages());
  await search(browser, home, 'index.html', 'cache mount');
  await search(browser, home, 'zh/index.html', '缓存');
  if (shots) await pictures(browser, home);
  await dark(browser, home);
} finally {
  await browser.close();
  server.close();
}
for (const line of wrong) console.error(line);
console.log(`browser ${browser.version()}: wrong ${wrong.length}`);
process.exitCode = wrong.length ? 1 : 0;
