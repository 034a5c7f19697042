'use strict';
// The status page of hushlog tail in a headless Chromium, as people use it. `./dev test-page` runs it.
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { after, before, beforeEach, afterEach, test } = require('node:test');
const axe = require('axe-core');
const { chromium } = require('playwright-core');

const hushlog = path.resolve(process.env.HUSHLOG_PROGRAM);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hushlog-status-'));
const log = path.join(folder, 'access.log');
let browser;
let context;
let page;
let trouble;
let tail;
let tracker;
let origin;

// Takes all hits.
async function startTracker() {
  tracker = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ status: 'success', tracked: JSON.parse(body).requests.length, invalid: 0 }));
  });
  tracker.listen(0, '127.0.0.1');
  await once(tracker, 'listening');
  return tracker.address().port;
}

// The sample as if it were of today: without a token a target takes nothing that is older than a day.
function writeLog() {
  const [, day, month, year] = new Date().toUTCString().match(/ (..) (...) (....)/);
  const sample = fs.readFileSync(path.join(__dirname, '../data/sample.access.log'), 'latin1');
  fs.writeFileSync(log, sample.replaceAll(/\[\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d/g, `[${day}/${month}/${year}:00`), 'latin1');
}

async function startTail(port) {
  const target = (name, itsPort) =>
    `[[target]]\nname = "${name}"\nurl = "http://127.0.0.1:${itsPort}/"\nsite_id = 1\nsystem_report = false\n`;
  fs.writeFileSync(path.join(folder, 'config'), `state_dir = "${folder}/state"\n[status]\nlisten = "127.0.0.1:0"\n[[source]]\n`
    + `name = "matomo <b>"\npaths = ["${log}"]\nformat = "combined_rt_host"\nstart = "beginning"\n${target('own', port)}${target('down', 1)}`);
  tail = spawn(hushlog, ['tail', '--config', path.join(folder, 'config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const chunk of tail.stderr) {
    said += chunk;
    const found = said.match(/the status page is at (http:\/\/127\.0\.0\.1:\d+)\//);
    if (found) return found[1];
  }
  throw new Error(said);
}

async function open(where, options = {}) {
  await context?.close();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light', ...options });
  page = await context.newPage();
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) trouble.push(message.text()); });
  page.on('pageerror', (error) => trouble.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:') && !request.url().startsWith(`${origin}/`)) trouble.push(request.url());
  });
  await page.goto(origin + where);
}

const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

async function violations() {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

before(async () => {
  writeLog();
  origin = await startTail(await startTracker());
  const taken = /hushlog_hits_total\{target="own",outcome="tracked"\} [1-9]/;
  for (let i = 0; !taken.test(await (await fetch(`${origin}/metrics`)).text()); ++i) {
    assert.ok(i < 300, 'hits are delivered within half a minute');
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  tail?.kill('SIGKILL');
  tracker?.close();
  fs.rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => { trouble = []; });
afterEach(() => assert.deepEqual(trouble, [], 'the page logs nothing and asks for nothing elsewhere'));

test('the usage page is that of the report, with links to the others', async () => {
  await open('/');
  assert.ok((await page.locator('[data-table="pages"] tbody th').allTextContents()).includes('Dashboard'));
  assert.equal(await page.locator('.chart canvas').count(), 2);
  assert.equal(await page.getByRole('link', { name: 'Usage' }).getAttribute('aria-current'), 'page');
  await page.getByRole('link', { name: 'What is sent' }).click();
  await page.waitForURL(`${origin}/transparency`);
  await page.getByRole('link', { name: 'Status' }).click();
  await page.waitForURL(`${origin}/status`);
  await page.getByRole('link', { name: 'Usage' }).click();
  await page.waitForURL(`${origin}/`);
});

test('the status page tells sources, targets and the ledger', async () => {
  await open('/status');
  assert.match(await page.locator('section[aria-labelledby="lines"]').textContent(), /2,459 read = .*adds up/s);
  const targets = page.locator('section[aria-labelledby="targets"] tbody tr');
  assert.match(await targets.nth(0).textContent(), /^ownanonymous hits.*takes hits/);
  assert.match(await targets.nth(1).textContent(), /^downanonymous hits/);
  assert.match(await page.locator('section[aria-labelledby="sources"] tbody th').first().textContent(), /^matomo <b>$/);
  assert.equal(await page.getByText('does not add up').count(), 0);
});

test('the transparency page shows hits as they were sent, and marks what was replaced', async () => {
  await open('/transparency');
  const hits = page.locator('details.hit');
  assert.ok(await hits.count() > 50 && await hits.count() <= 100, `${await hits.count()} hits`);
  const first = hits.first();
  assert.equal(await first.locator('dl').isVisible(), false);
  await first.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.ok(await first.locator('dl').isVisible());
  const names = await first.locator('dt').allTextContents();
  for (const name of ['idsite', 'rec', 'url', 'cdt', 'ua', 'cid']) assert.ok(names.includes(name), name);
  assert.ok(!names.includes('token_auth'));
  assert.match(await page.getByRole('heading', { name: /hits? to own/ }).first().textContent(), /^\d+ hits? to own$/);
  assert.match(await page.locator('mark').first().textContent(), /^XYZ$/);
});

test('a page that is loaded again has newer numbers', async () => {
  const read = async () => Number((await page.locator('section[aria-labelledby="lines"] p').textContent()).match(/^([\d,]+) read/)[1].replace(',', ''));
  await open('/status');
  const before = await read();
  fs.appendFileSync(log, '192.0.2.7 - - [28/Nov/2026:05:19:28 +0000] "GET /robots.txt HTTP/1.1" 200 5 "-" "-" 0.001 "example.org"\n');
  for (let i = 0; await read() === before; ++i) {
    assert.ok(i < 300);
    await page.waitForTimeout(50);
    await page.reload();
  }
  assert.equal(await read(), before + 1);
});

for (const where of ['/', '/status', '/transparency']) {
  for (const [what, options] of [['in light', {}], ['in dark', { colorScheme: 'dark' }],
    ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true }]]) {
    test(`axe finds nothing to complain of ${what} on ${where}`, async () => {
      await open(where, { bypassCSP: true, ...options });
      for (const summary of (await page.locator('summary').all()).slice(0, 5)) await summary.click();
      assert.deepEqual(await violations(), []);
    });
  }

  test(`${where} is not wider than a phone, and dark where the system is`, async () => {
    await open(where, { viewport: { width: 360, height: 740 }, isMobile: true });
    for (const summary of (await page.locator('summary').all()).slice(0, 5)) await summary.click();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    const light = await background();
    await open(where, { colorScheme: 'dark' });
    assert.notEqual(await background(), light);
  });
}

test('a page of another site cannot read what is served here', async () => {
  const elsewhere = http.createServer((_, response) => { response.setHeader('Content-Type', 'text/html'); response.end('<title>x</title>'); });
  elsewhere.listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  await open('/healthz');
  const other = await (await browser.newContext()).newPage();
  await other.goto(`http://localhost:${elsewhere.address().port}/`);
  for (const mode of ['cors', 'no-cors']) {
    const got = await other.evaluate(([url, how]) => fetch(url, { mode: how }).then((answer) => answer.text(), () => 'refused'), [`${origin}/metrics`, mode]);
    assert.ok(['refused', ''].includes(got), got);
  }
  await other.context().close();
  elsewhere.close();
});
