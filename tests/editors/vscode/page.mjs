// What a user does in the window of VS Code, for playwright.

/** How long anything may take. */
export const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 60_000);

/** How long a menu may take before it is asked for again. */
const MENU_MS = Math.min(10_000, PATIENCE_MS);

const ROW = '.monaco-list-row';

/** One window. Whatever is waited for in vain ends the test. */
export class Window {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Text as it is read: VS Code draws other blanks. */
  static plain(text) {
    return text.replaceAll('\u00a0', ' ').replace(/\s+/g, ' ').trim();
  }

  async texts(selector) {
    return (await this.page.locator(selector).allInnerTexts()).map(Window.plain);
  }

  /** Waits until `condition` gives something, which is the answer. */
  async until(what, condition) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await condition();
      if (found) {
        return found;
      }
      if (Date.now() > end) {
        throw new Error(`waited in vain for ${what}`);
      }
      await this.page.waitForTimeout(100);
    }
  }

  async open(url) {
    await this.page.goto(url);
    await this.page.waitForSelector('.monaco-workbench');
    await this.page.waitForSelector(`.explorer-folders-view ${ROW}`);
  }

  /** Opens a file by its path in the workspace. */
  async file(path) {
    await this.quick('Control+P', path, path.split('/').at(-1));
    await this.until(`the editor of ${path}`, async () => (await this.lines()).length > 0 && (await this.title()).endsWith(path.split('/').at(-1)));
  }

  /** Runs a command of the palette; some ask on in the same place. */
  command(title, asks = false) {
    return this.quick('F1', title, title, asks);
  }

  async quick(key, typed, wanted, asks = false) {
    const { page } = this;
    await page.keyboard.press(key);
    await page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input');
    await page.keyboard.insertText(key === 'F1' ? `>${typed}` : typed);
    const row = page.locator(`.quick-input-widget ${ROW}`, { hasText: wanted }).first();
    await row.waitFor();
    // Where the mouse rests on a row its hover covers the others.
    await page.mouse.move(400, 650);
    await page.waitForTimeout(300);
    await row.click();
    if (!asks) {
      await page.waitForSelector('.quick-input-widget', { state: 'hidden' });
    }
  }

  /** Chooses from the list that is open. */
  async pick(wanted) {
    await this.page.locator(`.quick-input-widget ${ROW}`, { hasText: wanted }).first().click();
    await this.page.waitForSelector('.quick-input-widget', { state: 'hidden' });
  }

  /** The notification that holds `text`; it is closed. */
  async notification(text) {
    const toast = this.page.locator('.notification-toast', { hasText: text }).first();
    await toast.waitFor();
    const said = Window.plain(await toast.innerText());
    await this.page.keyboard.press('Escape');
    return said;
  }

  /** Presses a button of a notification. */
  async answer(text, button) {
    await this.page.mouse.move(400, 300);
    await this.page.locator('.notification-toast', { hasText: text }).first().locator('.monaco-button', { hasText: button }).click();
  }

  async title() {
    const label = this.page.locator('.editor-group-container.active .tab.active').first();
    return ((await label.getAttribute('data-resource-name').catch(() => null)) ?? '').trim();
  }

  /** The lines that are in sight. */
  async lines() {
    const lines = this.page.locator('.editor-group-container.active .monaco-editor .view-line');
    const drawn = await lines.evaluateAll((all) => all.map((line) => [parseFloat(line.style.top), line.textContent]));
    return drawn.sort((left, right) => left[0] - right[0]).map(([, text]) => text.replaceAll('\u00a0', ' '));
  }

  /** The rows of the problems panel. */
  problems() {
    return this.texts(`.markers-panel ${ROW}`);
  }

  /** Puts the cursor to a line and a column. */
  async cursor(line, column = 1) {
    const { page } = this;
    await this.away();
    await page.locator('.editor-group-container.active .native-edit-context, .editor-group-container.active textarea.inputarea').first().focus();
    await page.keyboard.press('Control+G');
    await page.waitForSelector('.quick-input-widget:not([style*="display: none"]) input');
    await page.keyboard.insertText(`${line}:${column}`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.quick-input-widget', { state: 'hidden' });
    await page.waitForSelector('.editor-group-container.active .monaco-editor.focused');
    const there = `Ln ${line}, Col ${column}`;
    await this.until(`the cursor at ${there}`, async () => (await this.texts('.statusbar-item')).includes(there));
  }

  /** Takes the mouse and what it opened away: a hover swallows clicks. */
  async away() {
    await this.page.mouse.move(640, 2);
    await this.page.keyboard.press('Escape');
  }

  /** The number of the first line that begins with `start`. */
  async lineOf(start) {
    const lines = await this.lines();
    const index = lines.findIndex((line) => line.startsWith(start));
    if (index < 0) {
      throw new Error(`no line begins with "${start}":\n${lines.join('\n')}`);
    }
    return index + 1;
  }

  /** What the hover over a word of a line says. */
  async hover(line, word) {
    const place = this.page.locator('.editor-group-container.active .view-line', { hasText: line }).first();
    await place.locator('span span', { hasText: word }).first().hover();
    const box = this.page.locator('.monaco-hover:not(.hidden) .hover-contents');
    await box.first().waitFor();
    return this.until('the text of the hover', async () => Window.plain((await box.allInnerTexts()).join('\n')).replace('Loading...', ''));
  }

  /** What is suggested for `typed` on a new last line, which is taken back. */
  async suggestions(typed, wanted, look) {
    const { page } = this;
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Enter');
    await page.keyboard.type(typed, { delay: 20 });
    const rows = () => this.texts(`.suggest-widget.visible ${ROW}`);
    const found = await this.until(`the suggestion ${wanted}`, async () => {
      const all = await rows();
      return all.some((row) => row.includes(wanted)) && all;
    });
    await look?.();
    await page.keyboard.press('Escape');
    await this.command('File: Revert File');
    return found;
  }

  /** Applies the action whose title holds `title`, offered at a line. */
  async act(line, title, look) {
    const { page } = this;
    const menu = `.action-widget ${ROW}`;
    await this.until(`the menu of actions at line ${line}`, async () => {
      await this.cursor(line);
      await page.keyboard.press('Control+.');
      // Findings that arrive meanwhile make VS Code ask for the light bulb alone, and the menu is forgotten.
      const shown = await page.waitForSelector(menu, { timeout: MENU_MS }).catch(() => false);
      if (!shown) console.log(`no menu at line ${line}: ${(await this.texts('.monaco-editor-overlaymessage')).join(' | ')}`);
      return shown;
    });
    await look?.();
    const row = page.locator(menu, { hasText: title }).first();
    if ((await row.count()) === 0) {
      throw new Error(`"${title}" is not offered at line ${line}: ${(await this.texts(menu)).join(' | ')}`);
    }
    const before = (await this.lines()).join('\n');
    await row.click();
    await this.until(`the edit of "${title}"`, async () => (await this.lines()).join('\n') !== before);
  }

  async save() {
    await this.page.keyboard.press('Control+S');
    await this.page.waitForSelector('.editor-group-container.active .tab.active.dirty', { state: 'detached' });
  }
}
