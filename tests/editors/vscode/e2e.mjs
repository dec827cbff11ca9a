// Opens the examples in VS Code as a user does: findings, hover, completion, three actions, save. Says `ok` for each.
import { createRequire } from 'node:module';
import { PATIENCE_MS, Window } from './page.mjs';

const { PLAYWRIGHT, CHROMIUM, URL_OF_FOLDER, SHOTS } = process.env;
const { chromium } = createRequire(`${PLAYWRIGHT}/`)('playwright-core');
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const begun = Date.now();
const say = (what, more = '') => console.log(`${((Date.now() - begun) / 1000).toFixed(1)}s ${what}`, more);

async function scenario(window, shot) {
  const { page } = window;
  await window.file('hobby-api/Dockerfile');
  await page.keyboard.press('Control+Shift+M');
  const found = await window.until('findings', async () => {
    const rows = await window.problems();
    return rows.some((row) => row.includes('modules-after-source')) && rows;
  });
  await page.waitForSelector('.squiggly-warning');
  say('diagnostics', found);
  await shot('diagnostics');
  await page.keyboard.press('Control+J');

  await window.cursor(1);
  say('hover', (await window.hover('FROM golang', 'golang')).slice(0, 80));
  await shot('hover');
  await window.cursor(1);
  say('completion', await window.suggestions('HEAL', 'HEALTHCHECK', () => shot('completion')));

  const actions = () => shot('actions');
  await window.act(await window.lineOf('RUN go mod download'), 'ownload the modules before the source is copied', actions);
  await window.act(await window.lineOf('RUN go build'), 'isable cgo');
  await window.act(await window.lineOf('CMD'), 'onvert to multi-stage');
  await shot('multi-stage');
  await window.save();
  say('action', await window.lines());

  await window.file('cgo-service/Dockerfile');
  await window.until('findings', async () => (await page.locator('.squiggly-error').count()) > 0);
  await window.act(await window.lineOf('RUN go build'), 'nable cgo');
  await window.save();
  say('saved', await window.lines());
}

const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS });
const page = await (await browser.newContext({ viewport: { width: 1120, height: 700 } })).newPage();
const window = new Window(page);
const shot = async (name) => {
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${SHOTS}/${name}.png` });
};
try {
  await window.open(URL_OF_FOLDER);
  say('workbench');
  await scenario(window, shot);
} catch (error) {
  await shot('failed');
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
}
