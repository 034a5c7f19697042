'use strict';
// Prints an access log of many days, made of the sample log: node make_log.js DAYS [PAGES]
//
// Each day has the requests of some of the people of the sample, of fewer at weekends, and PAGES loads of other pages.
const fs = require('node:fs');
const path = require('node:path');

const kDayMs = 86400000;
const kLast = Date.UTC(2026, 10, 23);  // the day of the sample
const kMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const [count, pages = 0] = process.argv.slice(2).map(Number);

const sample = fs.readFileSync(path.join(__dirname, '../data/sample.access.log'), 'utf8').split('\n')
  .filter((line) => line !== '' && !/\.(js|css|svg|png|gif|ico|woff2?|jpg)[? ]/.test(line));
const page = sample.find((line) => /GET \/index\.php\?module=CoreHome&action=index/.test(line));
const modules = ['CoreHome', 'CoreAdminHome', 'UsersManager', 'SitesManager', 'Login', 'Dashboard', 'PrivacyManager', 'MultiSites'];

// Numbers that look random and are the same each time.
let state = 1;
const random = (below) => { state = (state * 48271) % 2147483647; return state % below; };

const two = (number) => String(number).padStart(2, '0');
const addressOf = (line) => line.slice(0, line.indexOf(' '));
const timeOf = (line) => line.slice(line.indexOf(':', line.indexOf('[')), line.indexOf(' +'));
const addresses = [...new Set(sample.map(addressOf))];
const kHours = [8, 9, 9, 10, 11, 13, 14, 14, 16];  // when the people of the sample, all of one hour, are here

function sampleOf(date, weekend) {
  const hours = new Map();
  addresses.forEach((address, i) => { if (random(10) < (weekend ? 2 : 7)) hours.set(address, kHours[(i + random(3)) % kHours.length]); });
  return sample.filter((line) => hours.has(addressOf(line)))
    .map((line) => line.replace(/\[[^:]*:\d\d/, `[${date}:${two(hours.get(addressOf(line)))}`));
}

function pageLoad(date, second, number) {
  const url = `/index.php?module=${modules[random(modules.length)]}&action=index&idSite=${1 + random(9)}&period=day&date=today`;
  const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  return page.replace(/GET \S+/, `GET ${url}`).replace(/\[\S+/, `[${date}:${time}`).replace(/^\S+/, `203.0.113.${number % 200 + 1}`);
}

for (let day = count - 1; day >= 0; --day) {
  const time = new Date(kLast - day * kDayMs);
  const date = `${two(time.getUTCDate())}/${kMonths[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  const lines = sampleOf(date, time.getUTCDay() % 6 === 0);
  for (let i = 0; i < pages; ++i) lines.push(pageLoad(date, Math.floor(i * 86399 / pages), i));
  lines.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  process.stdout.write(`${lines.join('\n')}\n`);
}
