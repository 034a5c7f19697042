// What the totals of the chosen days add up to. report.js, which follows in the same block, shows it.

const data = JSON.parse(document.getElementById('data').textContent);
const kDayMs = 86400000;

// ---- Numbers and dates. A day is a number, days since 1970-01-01.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const shortDates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const dayOf = (text) => Date.parse(text) / kDayMs;
const isoOf = (day) => new Date(day * kDayMs).toISOString().slice(0, 10);
const dateOf = (day) => dates.format(day * kDayMs);
const spanOf = (from, to) => (from === to ? dateOf(from) : `${dateOf(from)} – ${dateOf(to)}`);
const formats = {
  count: (value) => whole.format(value),
  ms: (value) => tenths.format(value),
  share: (value) => `${tenths.format(value * 100)} %`,
  day: dateOf,
};

const days = data.days.map(dayOf);
const first = days[0];
const last = days[days.length - 1];
const view = { from: first, to: last, metric: 'visitors', search: '' };

// ---- Sums of the chosen days.

// Calls take(day, row) for each row of a kind; a row is an object with the keys of its columns.
function eachRow(kind, from, to, take) {
  const { columns, days: rows } = data.kinds[kind] ?? { columns: [], days: [] };
  rows.forEach((numbers, index) => {
    if (days[index] < from || days[index] > to) return;
    for (let at = 0; at < numbers.length; at += columns.length) {
      const row = {};
      columns.forEach((column, offset) => { row[column] = numbers[at + offset]; });
      take(days[index], row);
    }
  });
}

// Rows of a kind by name, added up. Kept until other days are chosen, since several tables ask for the same.
const kept = new Map();
function sums(kind) {
  if (kept.has(kind)) return kept.get(kind);
  const byName = new Map();
  kept.set(kind, byName);
  eachRow(kind, view.from, view.to, (_, row) => {
    const name = data.names[row.name];
    const sum = byName.get(name) ?? { name, count: 0, timed: 0, total_us: 0, max_us: 0, times: [] };
    byName.set(name, sum);
    sum.count += row.count;
    if (!row.timed) return;
    sum.timed += row.timed;
    sum.total_us += row.total_us;
    sum.max_us = Math.max(sum.max_us, row.max_us);
    sum.times.push(row.times);
  });
  return byName;
}

// Counts of durations by bucket, as src/usage/durations.h writes them; `texts` in base64.
function bucketsOf(texts) {
  const counts = new Map();
  for (const text of texts) {
    const bytes = atob(text);
    let at = 0;
    const number = () => {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes.charCodeAt(at++);
        value += (byte % 128) * factor;
        if (!(byte >= 128)) return value;
      }
    };
    for (let bucket = 0; at < bytes.length;) {
      bucket += number();
      counts.set(bucket, (counts.get(bucket) ?? 0) + number());
    }
  }
  return [...counts].sort(([a], [b]) => a - b);
}

// In microseconds.
const middleOf = (bucket) => (bucket < 16 ? bucket : (bucket % 8 + 8.5) * 2 ** (Math.floor(bucket / 8) - 1));

function quantile(buckets, timed, share) {
  let passed = 0;
  return middleOf(buckets.find(([, count]) => (passed += count) >= Math.ceil(share * timed))[0]);
}

// undefined where no duration is known; quantiles only where they are of all that is timed.
function durations({ timed, total_us, max_us, times }) {
  if (!(timed > 0)) return {};
  const max = max_us / 1000;
  const known = { mean: total_us / timed / 1000, max };
  const buckets = bucketsOf(times);
  if (buckets.reduce((sum, [, count]) => sum + count, 0) !== timed) return known;
  const at = (share) => Math.min(quantile(buckets, timed, share) / 1000, max);
  return { ...known, p50: at(0.5), p95: at(0.95) };
}

function counted(kind) {
  const rows = [...sums(kind).values()];
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  return rows.map((row) => ({ ...row, ...durations(row), share: row.count / total }));
}

// Calls of API methods: those that were answered with an error status are not among `count`.
function calls(kind, failedKind) {
  const rows = new Map(counted(kind).map((row) => [row.name, { ...row, failed: 0 }]));
  for (const { name, count } of sums(failedKind).values()) {
    rows.set(name, { ...(rows.get(name) ?? { name, count: 0 }), failed: count });
  }
  return [...rows.values()];
}

// Adds the counts of a kind to rows by keyOf(name), under `field`.
function addTo(rows, kind, field, keyOf = (name) => name) {
  for (const sum of sums(kind).values()) {
    const name = keyOf(sum.name);
    const row = rows.get(name) ?? { name, views: 0, interactions: 0, calls: 0 };
    rows.set(name, row);
    row[field] += sum.count;
  }
  return rows;
}

function reports() {
  const rows = addTo(addTo(new Map(), 'report_views', 'views'), 'report_interactions', 'interactions');
  const requests = sums('report_requests');
  return [...rows.values()].map((row) => ({ ...row, ...durations(requests.get(row.name) ?? {}) }));
}

const pluginOf = (name) => name.split('.')[0];

function plugins() {
  const rows = addTo(new Map(), 'report_views', 'views', pluginOf);
  addTo(rows, 'report_interactions', 'interactions', pluginOf);
  return [...addTo(rows, 'ui_api_calls', 'calls', pluginOf).values()];
}

// Plugins of which nothing was ever used may not be installed: they are only named.
const installed = new Set();
for (const kind of ['report_views', 'report_interactions', 'ui_api_calls', 'api_clients']) {
  eachRow(kind, first, last, (_, row) => installed.add(pluginOf(data.names[row.name])));
}

function unusedReports() {
  const used = addTo(addTo(new Map(), 'report_views', 'views'), 'report_interactions', 'interactions');
  const rows = new Map();
  for (const report of data.known_reports) {
    const [name, action] = report.split('.');
    if (!installed.has(name)) continue;
    const row = rows.get(name) ?? { name, known: 0, unused: 0, reports: [] };
    rows.set(name, row);
    row.known += 1;
    if (!used.has(report)) row.unused = row.reports.push(action);
  }
  return [...rows.values()].filter((row) => row.unused > 0)
    .map((row) => ({ ...row, reports: row.reports.join(', ') }));
}

const metrics = {
  visitors: { label: 'Visitors', kinds: ['visitors'] },
  page_views: { label: 'Page views', kinds: ['page_views'] },
  report_views: { label: 'Report views', kinds: ['report_views'] },
  events: { label: 'Events', kinds: ['events'] },
  api_calls: { label: 'API calls', kinds: ['ui_api_calls', 'api_clients'] },
};

// All days of the period, also those without any use, with a sum of each metric.
function daily() {
  const rows = [];
  for (let day = view.from; day <= view.to; ++day) {
    rows.push({ name: day, ...Object.fromEntries(Object.keys(metrics).map((key) => [key, 0])) });
  }
  for (const [key, { kinds }] of Object.entries(metrics)) {
    for (const kind of kinds) {
      eachRow(kind, view.from, view.to, (day, row) => { rows[day - view.from][key] += row.count; });
    }
  }
  return rows;
}

function hourly() {
  const byHour = sums('hours');
  return Array.from({ length: 24 }, (_, hour) => {
    const name = String(hour).padStart(2, '0');
    return { name: `${name}:00`, count: byHour.get(name)?.count ?? 0 };
  });
}
