// What was used, as a picture, as a table, and as a file for a spreadsheet.
import { BarChart3, Download } from 'lucide-preact';
import { useMemo } from 'preact/hooks';
import { Link, useSearchParams } from 'wouter-preact';
import { withQuery } from '../api/client';
import { readAll } from '../api/read_all';
import type { Page, UsageRow } from '../api/types';
import { usePages } from '../api/use_pages';
import { useQuery } from '../api/use_query';
import { Chart } from '../ui/chart';
import { useDeed } from '../ui/deed';
import { bytes, count, words } from '../ui/format';
import { Card, Empty, ErrorNote, Figure, PageHead } from '../ui/parts';
import { PageTurner, Table } from '../ui/table';
import { USAGE_COLUMNS, UsageCells } from '../ui/usage_cells';

const DAY_MS = 86_400_000;
const SPANS = { '7': 'last 7 days', '30': 'last 30 days', '90': 'last 90 days' };
const GROUPS = { day: 'day', room: 'room', client: 'client', region: 'region' };
type Group = keyof typeof GROUPS;
const PAGE_SIZE = 100;

const beginOf = (days: string) => {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return new Date(midnight - (Number(days) - 1) * DAY_MS).toISOString();
};

const toCsv = (rows: UsageRow[], group: Group) =>
  [
    [group, 'sessions', 'uplink_packets', 'uplink_bytes', 'downlink_packets', 'downlink_bytes'],
    ...rows.map(({ sessions, traffic, ...row }) => [
      row[group] ?? '',
      sessions,
      traffic.uplink_packets,
      traffic.uplink_bytes,
      traffic.downlink_packets,
      traffic.downlink_bytes,
    ]),
  ]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('');

const download = (name: string, text: string) => {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};

/** Every day of the span, also those without a call: times, all bytes, those from clients. */
const daysOf = (rows: UsageRow[], from: string): [number[], number[], number[]] => {
  const byDay = new Map(rows.map((row) => [Date.parse(row.day ?? ''), row.traffic]));
  const days: number[] = [];
  for (let day = Date.parse(from); day <= Date.now(); day += DAY_MS) days.push(day);
  const upOf = (day: number) => byDay.get(day)?.uplink_bytes ?? 0;
  const downOf = (day: number) => byDay.get(day)?.downlink_bytes ?? 0;
  return [
    days.map((day) => day / 1000),
    days.map((day) => upOf(day) + downOf(day)),
    days.map(upOf),
  ];
};

const ByDay = ({ rows, from }: { rows: UsageRow[]; from: string }) => {
  const data = useMemo(() => daysOf(rows, from), [rows, from]);
  const all = rows.reduce(
    (sum, { sessions, traffic }) => ({
      sessions: sum.sessions + sessions,
      up: sum.up + traffic.uplink_bytes,
      down: sum.down + traffic.downlink_bytes,
    }),
    { sessions: 0, up: 0, down: 0 },
  );
  return (
    <>
      <Card class="headline">
        <div class="figures">
          <Figure name="Sessions" value={count(all.sessions)} />
          <Figure name="From clients" tone="in" value={bytes(all.up)} />
          <Figure name="To clients" tone="out" value={bytes(all.down)} />
        </div>
      </Card>
      <Card title="Relayed each day">
        <Chart
          bars
          series={[
            { name: 'To clients', colour: '--out' },
            { name: 'From clients', colour: '--in' },
          ]}
          data={data}
          write={bytes}
          height={220}
          summary={`${bytes(all.up)} from and ${bytes(all.down)} to clients in ${data[0].length} days.`}
        />
      </Card>
    </>
  );
};

const Name = ({ row, group }: { row: UsageRow; group: Group }) => {
  const name = row[group];
  if (!name) return <span class="quiet">without a name</span>;
  if (group === 'room' || group === 'client') return <Link href={`/${group}s/${name}`}>{name}</Link>;
  return <strong>{group === 'day' ? name.slice(0, 10) : name}</strong>;
};

const Row = ({ row, group }: { row: UsageRow; group: Group }) => (
  <tr>
    <td data-name={words(group)}>
      <Name row={row} group={group} />
    </td>
    <UsageCells row={row} />
  </tr>
);

export const UsagePage = () => {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get('by') ?? 'day';
  const group = (asked in GROUPS ? asked : 'day') as Group;
  const asDays = parameters.get('days') ?? '30';
  const days = asDays in SPANS ? asDays : '30';
  const from = useMemo(() => beginOf(days), [days]);
  const query = { from, group_by: group };
  const byDay = useQuery<Page<UsageRow>>(
    withQuery('/usage', { from, group_by: 'day', limit: PAGE_SIZE }),
  );
  const rows = usePages<UsageRow>('/usage', query);
  const choose = (name: string) => (event: { currentTarget: HTMLSelectElement }) => {
    const { value } = event.currentTarget;
    setParameters((before) => {
      const next = new URLSearchParams(before);
      next.set(name, value);
      return next;
    });
  };
  const saving = useDeed(async () => {
    const { items } = await readAll<UsageRow>('/usage', query);
    download(`usage-by-${group}-${from.slice(0, 10)}.csv`, toCsv(items, group));
  });
  return (
    <>
      <PageHead title="Usage" lead="What was relayed, in days of UTC.">
        <label>
          <span>Time</span>
          <select value={days} onChange={choose('days')}>
            {Object.entries(SPANS).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>By</span>
          <select value={group} onChange={choose('by')}>
            {Object.entries(GROUPS).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={saving.isBusy} onClick={() => saving.start()}>
          <Download size={16} aria-hidden="true" />
          CSV
        </button>
      </PageHead>
      {saving.fault && <ErrorNote error={saving.fault} />}
      {byDay.error && !rows.error && <ErrorNote error={byDay.error} retry={byDay.reload} />}
      {byDay.data && byDay.data.items.length > 0 && <ByDay rows={byDay.data.items} from={from} />}
      <Table
        caption={`Usage by ${GROUPS[group]}`}
        columns={[words(group), ...USAGE_COLUMNS]}
        numbers={USAGE_COLUMNS}
        pages={rows}
        empty={<Empty icon={BarChart3} title="Nothing was used." />}
        row={(row) => <Row key={row[group]} row={row} group={group} />}
      />
      <PageTurner pages={rows} />
    </>
  );
};
