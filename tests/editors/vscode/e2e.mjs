// Opens the examples in VS Code as a user does, and says what it sees. Any failure ends it with code 1.
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { PATIENCE_MS, Window } from './page.mjs';

const { PLAYWRIGHT, CHROMIUM, PORT, PROJECT, SHOTS, EXTENSIONS } = process.env;
const { chromium } = createRequire(`${PLAYWRIGHT}/`)('playwright-core');
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const begun = Date.now();
const say = (what, more = '') => console.log(`${((Date.now() - begun) / 1000).toFixed(1)}s ${what}`, more);

async function trusted(window, shot) {
  await flagships(window, shot);
  await extras(window, shot);
  await ends(window);
}

/** What somebody sees who has just installed the extension and opens a file, trusted or not: the first finding. */
async function first(window) {
  await window.file('Dockerfile');
  await window.page.waitForSelector('.squiggly-error, .squiggly-warning');
  await window.page.keyboard.press('Control+Shift+M');
  say('first finding', await window.until('findings', async () => (await window.problems()).find((row) => row.includes('dockline'))));
}

/** A workspace that nobody trusts has findings too. */
async function restricted(window) {
  await window.until('Restricted Mode', async () => (await window.texts('.statusbar-item')).some((text) => text.includes('Restricted Mode')));
  await window.file('hobby-api/Dockerfile');
  say('restricted', await status(window, /dockline \d.* 4 findings/));
}

/** Findings, hover, completion, the three actions, save. */
async function flagships(window, shot) {
  const { page } = window;
  await window.file('hobby-api/Dockerfile');
  await page.keyboard.press('Control+Shift+M');
  const found = await window.until('findings', async () => {
    // A panel that is still being drawn forgets its filter; one that is filled again and again never filters.
    const filter = page.locator('.viewpane-filter input').first();
    if ((await filter.inputValue()) !== 'hobby-api') await filter.fill('hobby-api');
    const rows = await window.problems();
    return rows.some((row) => row.includes('modules-after-source')) && rows;
  });
  await page.waitForSelector('.squiggly-warning');
  say('diagnostics', found);
  await shot('diagnostics');
  await page.keyboard.press('Control+J');

  await window.cursor(1);
  say('completion', await window.suggestions('HEAL', 'HEALTHCHECK', () => shot('completion')));

  await window.act(await window.lineOf('COPY . .'), 'download the modules before the source is copied', () => shot('actions'));
  await window.act(await window.lineOf('RUN go build'), 'disable cgo');
  await window.act(await window.lineOf('CMD'), 'convert to multi-stage');
  await shot('multi-stage');
  say('hover', (await window.hover('RUN CGO_ENABLED', 'CGO_ENABLED')).slice(0, 200));
  await shot('hover');
  await window.away();
  await window.save();
  say('action', await window.lines());

  await window.file('cgo-service/Dockerfile');
  await window.until('findings', async () => (await page.locator('.squiggly-error').count()) > 0);
  await window.act(await window.lineOf('RUN go build'), 'enable cgo');
  await window.save();
  say('saved', await window.lines());
}

/** What the palette and the status bar offer. */
async function extras(window, shot) {
  const { page } = window;
  await window.command('dockline: Convert to Multi-Stage');
  say('refused', await window.notification('the file is multi-stage already'));
  say('status', await status(window, /dockline \d+\.\d+\.\d+.* findings, context cgo-service/));
  await shot('status');
  await window.away();

  await window.command('dockline: Show Build Context');
  await window.until('the build context', async () => (await window.lines()).some((line) => /context +cgo-service \(/.test(line)));
  say('context', await window.lines());

  await window.command('dockline: Generate Dockerfile for a Go Module', true);
  await window.pick('good');
  await window.until('a new Dockerfile', async () => (await window.lines()).some((line) => line.startsWith('FROM') && line.includes('golang')));
  say('generated', (await window.lines()).slice(0, 3));
  await window.command('File: Revert File');

  await window.file('hobby-api/Dockerfile');
  await status(window, / 4 findings/);
  set({ 'dockline.rules': { 'untagged-image': 'off' } });
  say('settings', await status(window, / 3 findings/));
  set({ 'dockline.code-lenses': true });
  await window.away();
  const lens = page.locator('.codelens-decoration a', { hasText: 'build' }).first();
  await lens.waitFor();
  say('code lens', await lens.innerText());
}

/** Settings of the workspace, as a file. */
function set(settings) {
  mkdirSync(`${PROJECT}/.vscode`, { recursive: true });
  writeFileSync(`${PROJECT}/.vscode/settings.json`, JSON.stringify(settings));
}

/** What the status bar says of the language, once it is like `wanted`. */
async function status(window, wanted) {
  return window.until(`the status ${wanted}`, async () => {
    await window.away();
    await window.page.locator('[id="status.languageStatus"]').hover();
    await window.page.waitForTimeout(500);
    const [text] = await window.texts('.hover-language-status');
    return wanted.test(text ?? '') && text;
  });
}

/** Another server after a restart and after crashes, until it is asked for after too many; none once it is switched off. */
async function ends(window) {
  const [first, ...more] = servers();
  if (!first || more.length > 0) {
    throw new Error(`not one server, but ${[first, ...more]}`);
  }
  const another = (than) => window.until('another server', () => servers().length === 1 && servers()[0] !== than && servers()[0]);
  await window.command('dockline: Restart Server');
  let last = await another(first);
  for (let crash = 1; crash <= 5; crash += 1) {
    await status(window, /dockline \d/);
    process.kill(Number(last), 'SIGKILL');
    last = crash < 5 ? await another(last) : last;
  }
  await window.answer('crashed 5 times', 'Restart');
  await another(last);
  say('restarted');
  set({ 'dockline.enable': false });
  await window.until('the end of the server', () => servers().length === 0);
  say('ended');
}

/** The processes of servers below the folder of this test. */
function servers() {
  const isOurs = (pid) => {
    try {
      return readlinkSync(`/proc/${pid}/exe`).startsWith(`${EXTENSIONS}/`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name));
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS });
const page = await (await browser.newContext({ viewport: { width: 1120, height: 700 } })).newPage();
const window = new Window(page);
const shot = async (name) => {
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
};
try {
  await window.open(`http://127.0.0.1:${PORT}/?folder=${encodeURIComponent(PROJECT)}`);
  say('workbench');
  await { first, restricted, trusted }[process.argv[2]](window, shot);
} catch (error) {
  await shot('failed');
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
