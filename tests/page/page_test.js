'use strict';
// The page of hushlog report --html in a headless Chromium, as people use it. `./dev test-page` runs it.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, beforeEach, afterEach, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const axe = require('axe-core');
const { chromium } = require('playwright-core');

const hushlog = path.resolve(process.env.HUSHLOG_PROGRAM);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hushlog-page-'));
const million = { days: 365, pages: 2700 };
let browser;
let context;
let page;
let trouble;

// The page of a log that make_log.js writes; returns its file.
function makePage(name, ...numbers) {
  const state = path.join(folder, name);
  const log = path.join(folder, `${name}.log`);
  const out = fs.openSync(log, 'w');
  execFileSync(process.execPath, [path.join(__dirname, 'make_log.js'), ...numbers.map(String)], { stdio: ['ignore', out, 'inherit'] });
  fs.closeSync(out);
  execFileSync(hushlog, ['import', '--quiet', '--complete', '--state-dir', state, log], { stdio: 'inherit' });
  fs.rmSync(log);
  const file = path.join(folder, `${name}.html`);
  execFileSync(hushlog, ['report', '--html', file, '--state-dir', state], { stdio: 'inherit' });
  return file;
}

async function open(file, options = {}) {
  await context?.close();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...options });
  page = await context.newPage();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) trouble.push(message.text()); });
  page.on('pageerror', (error) => trouble.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:') && request.url() !== pathToFileURL(file).href) trouble.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
}

const table = (id) => page.locator(`[data-table="${id}"]`);
const names = (id) => table(id).locator('tbody th').allTextContents();
const column = async (id, index) =>
  (await table(id).locator(`tbody td:nth-of-type(${index})`).allTextContents()).map((text) => Number(text.replaceAll(',', '')));
const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

async function violations() {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

let tenDays;
before(async () => {
  tenDays = makePage('ten', 10, 20);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  trouble = [];
  await open(tenDays);
});
afterEach(() => assert.deepEqual(trouble, [], 'the page logs nothing and asks for nothing'));

test('every section shows what the sample has', async () => {
  for (const [id, name] of [['pages', 'Dashboard'], ['reports', 'VisitsSummary.get'], ['plugins', 'Actions'],
    ['ui_api_calls', 'API.getProcessedReport'], ['browsers', 'Chrome 129'], ['devices', 'desktop']]) {
    assert.ok((await names(id)).includes(name), `${name} in ${id}`);
  }
  for (const id of ['events', 'api_clients', 'systems', 'unused']) assert.notEqual((await names(id)).length, 0, id);
  assert.equal(await page.locator('.chart canvas').count(), 2);
});

test('numbers of the page are those of the JSON', async () => {
  const json = JSON.parse(execFileSync(hushlog, ['report', '--json', '--state-dir', path.join(folder, 'ten')]));
  for (const [id, key] of [['pages', 'pages'], ['ui_api_calls', 'ui_api_calls'], ['browsers', 'browsers']]) {
    const rows = json[key].slice(0, 5);
    assert.deepEqual((await column(id, 1)).slice(0, 5), rows.map(({ count }) => count), id);
  }
  const call = json.ui_api_calls[0];
  for (const [index, key] of [[2, 'failed'], [3, 'mean_ms'], [4, 'p50_ms'], [5, 'p95_ms'], [6, 'max_ms']]) {
    const shown = (await column('ui_api_calls', index))[0];
    assert.ok(Math.abs(shown - call[key]) <= 0.051, `${key}: ${shown}, ${call[key]}`);
  }
  await page.getByText('These hours as a table').click();
  await table('hours').getByRole('button', { name: 'Show all' }).click();
  assert.equal(sum(await column('hours', 1)), sum(json.hours.map(({ count }) => count)));
});

test('a shorter period has fewer views, and the dates follow', async () => {
  const views = (await column('pages', 1))[0];
  await page.getByLabel('Period').selectOption('Last 7 days');
  assert.ok((await column('pages', 1))[0] < views);
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '2026-11-17');
  assert.match(await page.getByRole('status').textContent(), /7 days/);
});

test('dates choose days, and a first day after the last moves the last', async () => {
  await page.getByLabel('From', { exact: true }).fill('2026-11-20');
  assert.equal(await page.getByLabel('Period').inputValue(), '', 'chosen days');
  await page.getByLabel('To', { exact: true }).fill('2026-11-18');
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '2026-11-18');
  assert.equal(await page.getByRole('status').textContent(), '18 Nov 2026');
});

test('dragging over the chart chooses days', async () => {
  const box = await page.locator('#day-chart .u-over').boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
  await page.mouse.up();
  const days = Number((await page.getByRole('status').textContent()).match(/(\d+) days/)[1]);
  assert.ok(days >= 3 && days <= 5, `${days} days`);
});

test('searching leaves names that have the text, and says where there are none', async () => {
  await page.getByLabel('Search').fill('PAGEURLS');
  for (const name of await names('reports')) assert.match(name, /pageurls/i);
  assert.notEqual((await names('reports')).length, 0);
  assert.match(await table('browsers').textContent(), /named like “PAGEURLS”/);
  await page.getByLabel('Search').fill('');
  assert.notEqual((await names('browsers')).length, 0);
});

test('a heading sorts its table, and again the other way round', async () => {
  const head = table('reports').getByRole('columnheader', { name: 'Interactions' });
  assert.equal(await head.getAttribute('aria-sort'), null);
  await head.getByRole('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  const down = await column('reports', 2);
  assert.deepEqual(down, [...down].sort((a, b) => b - a));
  await head.getByRole('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  assert.equal(await table('reports').locator('th[aria-sort]').count(), 1);
});

test('all that the mouse does works with the keyboard', async () => {
  const tab = async (wanted) => {
    for (let i = 0; i < 40; ++i) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement.textContent) === wanted) return;
    }
    assert.fail(`${wanted} is not reached with Tab`);
  };
  await tab('Dark');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await page.getByRole('button', { name: /^Page views/ }).focus();
  await page.keyboard.press('Space');
  assert.match(await page.locator('#day-chart').getAttribute('aria-label'), /^Page views by day/);
  await tab('Page');
  await page.keyboard.press('Enter');
  assert.equal(await table('pages').locator('th').first().getAttribute('aria-sort'), 'ascending');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid', 'who uses the keyboard sees where it is');
});

test('a long table opens and closes', async () => {
  const more = table('reports').getByRole('button', { name: /^Show/ });
  assert.equal((await names('reports')).length, 10);
  await more.click();
  assert.ok((await names('reports')).length > 10);
  assert.equal(await more.getAttribute('aria-expanded'), 'true');
  await more.click();
  assert.equal((await names('reports')).length, 10);
});

test('reports that were used are not among the unused ones', async () => {
  const unused = new Set();
  for (const row of await table('unused').locator('tbody tr').all()) {
    const plugin = await row.locator('th').textContent();
    for (const report of (await row.locator('td.text').textContent()).split(', ')) unused.add(`${plugin}.${report}`);
  }
  await table('reports').getByRole('button', { name: /^Show all/ }).click();
  assert.notEqual(unused.size, 0);
  assert.deepEqual((await names('reports')).filter((name) => unused.has(name)), []);
});

test('the page is dark where the system is, and the button has the last word', async () => {
  const light = await background();
  await open(tenDays, { colorScheme: 'dark' });
  const dark = await background();
  assert.notEqual(dark, light);
  await page.getByRole('button', { name: 'Light' }).click();
  assert.equal(await background(), light);
});

test('nothing is wider than a phone', async () => {
  await open(tenDays, { viewport: { width: 360, height: 740 }, isMobile: true });
  await table('reports').getByRole('button', { name: /^Show all/ }).click();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
});

for (const [what, options] of [['in light', {}], ['in dark', { colorScheme: 'dark' }],
  ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true }]]) {
  test(`axe finds nothing to complain of ${what}`, async () => {
    await open(tenDays, { bypassCSP: true, ...options });
    for (const summary of await page.locator('summary').all()) await summary.click();
    assert.deepEqual(await violations(), []);
  });
}

test('print is light, without controls, whatever the screen shows', async () => {
  await open(tenDays, { colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await background(), 'rgb(255, 255, 255)');
  assert.equal(await page.getByLabel('Search').isVisible(), false);
  assert.ok((await page.pdf({ format: 'A4' })).length > 10000);
});

test('a report of no days says what to do', async () => {
  const file = path.join(folder, 'none.html');
  execFileSync(hushlog, ['report', '--html', file, '--state-dir', path.join(folder, 'no-state')]);
  await open(file);
  assert.ok(await page.getByText('hushlog import FILE').isVisible());
  assert.equal(await page.locator('#content').isVisible(), false);
});

// How long that takes is told, not judged: it depends on what else the machine does.
test('a million hits of a year open', async (t) => {
  const file = makePage('million', million.days, million.pages);
  const json = JSON.parse(execFileSync(hushlog, ['report', '--json', '--state-dir', path.join(folder, 'million')]));
  const hits = sum(json.days.map((day) => day.page_views + day.events));
  assert.ok(hits >= 1e6, `${hits} hits`);
  const times = [];
  for (let i = 0; i < 3; ++i) {
    await open(file);
    times.push(await page.evaluate(() => performance.getEntriesByType('navigation')[0].loadEventEnd));
  }
  const size = fs.statSync(file).size;
  t.diagnostic(`${hits} hits: ${size} bytes, open in ${times.map(Math.round).join(', ')} ms`);
  assert.ok(size < 2e6, `${size} bytes`);
  assert.match(await page.locator('#day-title').textContent(), /mean of 7 days/);
});
