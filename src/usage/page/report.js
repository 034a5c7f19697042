// The page of the usage report: tables, charts, filters. Text gets into it as text only.

const element = (id) => document.getElementById(id);
const kRows = 10;

// ---- Tables: what is in them. The first column heads the row, the second is what rows are ordered by at first.
const count = (key, label) => ({ key, label, format: formats.count });
const name = (label) => ({ key: 'name', label });
const times = [{ key: 'mean', label: 'Mean ms', format: formats.ms }, { key: 'max', label: 'Max ms', format: formats.ms }];
const callColumns = [name('Method'), count('count', 'Calls'), count('failed', 'Failed'), times[0],
  { key: 'p50', label: 'p50 ms', format: formats.ms }, { key: 'p95', label: 'p95 ms', format: formats.ms }, times[1]];
const share = { key: 'share', label: 'Share', format: formats.share };
const kinds = (label, kind, ...columns) => ({ columns: [name(label), ...columns], rows: () => counted(kind), bar: 'count' });

const tables = {
  days: {
    columns: [{ key: 'name', label: 'Day', format: formats.day },
              ...Object.entries(metrics).map(([key, { label }]) => count(key, label))],
    rows: () => daily().reverse(), sort: 'name',
  },
  pages: kinds('Page', 'page_views', count('count', 'Views'), share),
  events: kinds('Event', 'events', count('count', 'Count'), share),
  reports: {
    columns: [name('Report'), count('views', 'Views'), count('interactions', 'Interactions'), ...times],
    rows: reports, bar: 'views',
  },
  plugins: {
    columns: [name('Plugin'), count('views', 'Report views'), count('interactions', 'Interactions'), count('calls', 'API calls')],
    rows: plugins, bar: 'views',
  },
  ui_api_calls: { columns: callColumns, rows: () => calls('ui_api_calls', 'failed_ui_api_calls'), bar: 'count' },
  api_clients: { columns: callColumns, rows: () => calls('api_clients', 'failed_api_clients'), bar: 'count' },
  browsers: kinds('Browser', 'browsers', count('count', 'Visitors'), share),
  systems: kinds('System', 'systems', count('count', 'Visitors'), share),
  devices: kinds('Device', 'devices', count('count', 'Visitors'), share),
  hours: { columns: [name('Hour'), count('count', 'Page views')], rows: hourly, sort: 'name' },
  unused: {
    columns: [name('Plugin'), count('unused', 'Unused'), count('known', 'Known'), { key: 'reports', label: 'Reports', text: true }],
    rows: unusedReports,
  },
};

// ---- Tables: how they are shown.
function create(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// "Actions.getPageUrls" may break after its dot.
function breakable(text) {
  const [head, ...rest] = text.split(/(?<=[A-Za-z]\.)/);
  return [head, ...rest.flatMap((part) => [create('wbr'), part])];
}

function compare(a, b) {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return typeof a === 'string' ? a.localeCompare(b, 'en') : a - b;
}

class Table {
  constructor(place, definition) {
    Object.assign(this, definition, { all: false });
    this.makeRows = definition.rows;
    this.sort ??= this.columns[1].key;
    this.descending = this.sort !== 'name' || this.columns[0].format !== undefined;
    this.heads = this.columns.map((column) => this.head(column));
    this.body = create('tbody');
    this.table = create('div', { className: this.columns.length > 3 ? 'table wide' : 'table' }, create('table', {},
      create('thead', {}, create('tr', {}, ...this.heads)), this.body));
    this.empty = create('p', { className: 'empty' });
    this.more = create('button', { type: 'button', className: 'more', onclick: () => { this.all = !this.all; this.show(); } });
    place.append(this.table, this.empty, this.more);
    const heading = place.closest('section').querySelector('h2');
    this.table.firstChild.setAttribute('aria-labelledby', heading.id);
  }

  head(column) {
    const head = create('th', { scope: 'col' },
      create('button', { type: 'button', textContent: column.label, onclick: () => this.sortBy(column.key) }));
    head.classList.toggle('text', column.text ?? false);
    return head;
  }

  sortBy(key) {
    this.descending = this.sort === key ? !this.descending : key !== 'name' && key !== 'reports';
    this.sort = key;
    this.show();
  }

  load() {
    this.rows = this.makeRows();
    this.show();
  }

  found() {
    const words = view.search.toLowerCase();
    if (words === '' || typeof this.rows[0]?.name !== 'string') return this.rows;
    return this.rows.filter((row) => `${row.name} ${row.reports ?? ''}`.toLowerCase().includes(words));
  }

  show() {
    const direction = this.descending ? -1 : 1;
    const rows = [...this.found()].sort((a, b) => direction * compare(a[this.sort], b[this.sort]) || compare(a.name, b.name));
    const shown = this.all ? rows : rows.slice(0, kRows);
    const largest = Math.max(...this.rows.map((row) => row[this.bar] ?? 0));
    this.body.replaceChildren(...shown.map((row) => this.line(row, largest)));
    this.heads.forEach((head, index) => {
      if (this.columns[index].key !== this.sort) head.removeAttribute('aria-sort');
      else head.setAttribute('aria-sort', this.descending ? 'descending' : 'ascending');
    });
    this.table.hidden = rows.length === 0;
    this.empty.hidden = rows.length > 0;
    this.empty.textContent = this.rows.length > 0 ? `Nothing here is named like “${view.search}”.` : 'Nothing in these days.';
    this.more.hidden = rows.length <= kRows;
    this.more.textContent = this.all ? `Show the first ${kRows}` : `Show all ${whole.format(rows.length)}`;
    this.more.setAttribute('aria-expanded', String(this.all));
  }

  line(row, largest) {
    const cells = this.columns.map((column, index) => this.cell(row, column, index === 0));
    if (this.bar) {
      cells[0].dataset.share = '';
      cells[0].style.setProperty('--share', row[this.bar] / largest);
    }
    return create('tr', {}, ...cells);
  }

  cell(row, column, heads) {
    const value = row[column.key];
    const cell = heads ? create('th', { scope: 'row' }) : create('td', { className: column.text ? 'text' : '' });
    cell.classList.toggle('none', value === undefined);
    cell.append(...breakable(value === undefined ? '–' : column.format ? column.format(value) : value));
    return cell;
  }
}

// ---- Charts.
const charts = new Map();
const kDaySteps = [1, 2, 7, 14, 28, 91, 182, 364, 728, 1456];
const kCountSteps = [...Array(10).keys()].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

function colours(place) {
  const style = getComputedStyle(place);
  return { text: style.color, line: style.borderTopColor, bar: style.caretColor };
}

// Bars at the places `xs`, `width` apart; `axis` is that of the places, describe(i) the text for bar i.
function draw(place, label, xs, ys, { width, xLabel, describe, axis, onSelect }) {
  const colour = colours(place);
  const frame = { stroke: colour.text, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const countOrDash = (_, value) => (value == null ? '–' : formats.count(value));
  charts.get(place)?.destroy();
  charts.set(place, new uPlot({
    width: Math.max(place.clientWidth, 200),
    height: 200,
    padding: [10, 8, 0, 0],
    scales: {
      x: { time: false, range: (_, low, high) => [low - 0.6 * width, high + 0.6 * width] },
      y: { range: (_, low, high) => [0, Math.max(high, 1) * 1.05] },
    },
    axes: [
      { ...frame, ...axis, size: 28, grid: { show: false } },
      { ...frame, size: 48, incrs: kCountSteps, grid: { stroke: colour.line, width: 1 }, values: (_, values) => values.map(formats.count) },
    ],
    series: [
      { label: xLabel, value: (_, value, series, bar) => (bar == null ? '–' : describe(bar)) },
      { label, value: countOrDash, points: { show: false }, fill: colour.bar, width: 0, paths: uPlot.paths.bars({ size: [0.7, 48] }) },
    ],
    cursor: { y: false, drag: { x: onSelect !== undefined, y: false, setScale: false } },
    hooks: { setSelect: [(chart) => onSelect?.(chart)] },
  }, [xs, ys], place));
}

// A bar for each day; where these were too many, one for 7 or 28 days, with their mean.
function bars(rows, metric) {
  const width = rows.length <= 120 ? 1 : rows.length <= 840 ? 7 : 28;
  const list = [];
  for (let at = 0; at < rows.length; at += width) {
    const part = rows.slice(at, at + width);
    const [from, to] = [part[0].name, part[part.length - 1].name];
    list.push({ from, to, mean: part.reduce((sum, row) => sum + row[metric], 0) / part.length });
  }
  return { width, list };
}

function drawDays() {
  const metric = metrics[view.metric];
  const { width, list } = bars(daily(), view.metric);
  const title = width === 1 ? `${metric.label} by day` : `${metric.label} a day, mean of ${width} days`;
  const most = whole.format(Math.max(...list.map(({ mean }) => mean)));
  const tick = view.to - view.from > 300 ? dateOf : (day) => shortDates.format(day * kDayMs);
  const place = element('day-chart');
  element('day-title').textContent = title;
  place.setAttribute('aria-label', `${title}, ${dateOf(view.from)} to ${dateOf(view.to)}: ${most} at most. The table below has the numbers.`);
  draw(place, metric.label, list.map(({ from }) => from + (width - 1) / 2), list.map(({ mean }) => mean), {
    width,
    xLabel: width === 1 ? 'Day' : 'Days',
    describe: (bar) => spanOf(list[bar].from, list[bar].to),
    axis: { space: 80, incrs: kDaySteps, values: (_, values) => values.map(tick) },
    onSelect: ({ select, posToVal }) => {
      if (select.width < 4) return;
      const [low, high] = [0, select.width].map((offset) => Math.round(posToVal(select.left + offset, 'x')));
      choose(Math.max(low, view.from), Math.min(high, view.to));
    },
  });
}

function drawHours() {
  const rows = hourly();
  const busiest = rows.reduce((a, b) => (b.count > a.count ? b : a));
  const place = element('hour-chart');
  place.setAttribute('aria-label', `Page views by hour of the day: most from ${busiest.name} on, ${whole.format(busiest.count)}. The table below has the numbers.`);
  draw(place, 'Page views', rows.map((_, hour) => hour), rows.map((row) => row.count), {
    width: 1,
    xLabel: 'Hour',
    describe: (hour) => rows[hour].name,
    axis: { space: 50, incrs: [1, 2, 3, 6], values: (_, values) => values.map((hour) => rows[hour]?.name ?? '') },
  });
}

function drawCharts() {
  drawDays();
  drawHours();
}

// ---- The page.
const everyTable = () => Object.values(tables).map((definition) => definition.shown);

// Pseudonyms last a day, so visitors of several days cannot be told apart: a mean is all there is to say.
function valueOf(metric, rows) {
  const sum = rows.reduce((total, row) => total + row[metric], 0);
  if (metric !== 'visitors') return whole.format(sum);
  return sum / rows.length < 10 ? tenths.format(sum / rows.length) : whole.format(sum / rows.length);
}

function showTiles() {
  const rows = tables.days.shown.rows;
  for (const [key, metric] of Object.entries(metrics)) {
    metric.number.textContent = valueOf(key, rows);
    metric.tile.setAttribute('aria-pressed', String(key === view.metric));
  }
}

function makeTiles() {
  for (const [key, metric] of Object.entries(metrics)) {
    metric.number = create('strong');
    const label = key === 'visitors' ? 'Visitors a day' : metric.label;
    metric.tile = create('button', { type: 'button', onclick: () => { view.metric = key; showTiles(); drawDays(); } },
      create('span', { textContent: label }), metric.number);
    element('tiles').append(metric.tile);
  }
}

function showUnusedPlugins() {
  const names = [...new Set(data.known_reports.map(pluginOf))].filter((plugin) => !installed.has(plugin));
  element('unused-plugins').textContent =
    names.length > 0 ? `Nothing at all was used of these plugins, which may not be installed: ${names.join(', ')}.` : '';
}

function choose(from, to) {
  view.from = from;
  view.to = to;
  kept.clear();
  element('from').value = isoOf(from);
  element('to').value = isoOf(to);
  const length = to - from + 1;
  const preset = [...element('period').options].find(({ value }) => to === last && Number(value) === length);
  element('period').value = preset?.value ?? '';
  element('days-shown').textContent = spanOf(from, to) + (length === 1 ? '' : ` · ${whole.format(length)} days`);
  for (const table of everyTable()) table.load();
  showTiles();
  drawCharts();
}

// A day outside the data, or no day at all, means the nearest that there is; the other end gives way.
function chooseDates(changed) {
  const read = (id, otherwise) => Math.min(Math.max(dayOf(element(id).value) || otherwise, first), last);
  const [from, to] = [read('from', first), read('to', last)];
  if (from <= to) choose(from, to);
  else if (changed === 'from') choose(from, from);
  else choose(to, to);
}

function makeFilters() {
  const all = last - first + 1;
  const period = element('period');
  period.append(new Option('All days', all));
  for (const length of [365, 90, 30, 7]) if (length < all) period.append(new Option(`Last ${length} days`, length));
  period.append(new Option('Chosen days', '', false, false));
  period.onchange = () => { if (period.value) choose(last - Number(period.value) + 1, last); };
  for (const id of ['from', 'to']) {
    Object.assign(element(id), { min: isoOf(first), max: isoOf(last), onchange: () => chooseDates(id) });
  }
  element('search').oninput = ({ target }) => {
    view.search = target.value.trim();
    for (const table of everyTable()) table.show();
  };
  element('filters').onsubmit = (event) => event.preventDefault();
}

function makeTheme() {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const show = () => {
    const other = isDark() ? 'Light' : 'Dark';
    Object.assign(element('theme'), { textContent: other, ariaLabel: `${other} colours` });
    if (charts.size > 0) drawCharts();
  };
  element('theme').onclick = () => { root.dataset.theme = isDark() ? 'light' : 'dark'; show(); };
  system.onchange = show;
  matchMedia('print').onchange = show;
  show();
}

function start() {
  makeTheme();
  element('nothing').hidden = days.length > 0;
  element('content').hidden = element('filters').hidden = days.length === 0;
  if (days.length > 0) {
    for (const [id, definition] of Object.entries(tables)) {
      definition.shown = new Table(document.querySelector(`[data-table="${id}"]`), definition);
    }
    makeTiles();
    makeFilters();
    showUnusedPlugins();
    choose(first, last);
    addEventListener('resize', drawCharts);
  }
}

start();
