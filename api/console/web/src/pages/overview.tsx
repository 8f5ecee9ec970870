// What goes through the relay at this moment, as charts that move.
import { useEffect } from 'preact/hooks';
import { Link, useSearchParams } from 'wouter-preact';
import { may } from '../api/account';
import type { Figures, Page, Sample, Session } from '../api/types';
import { useQuery } from '../api/use_query';
import { useFeed } from '../live/feed';
import { Chart } from '../ui/chart';
import { endReason } from '../ui/end_reason';
import { bitRate, count, perSecond } from '../ui/format';
import { Badge, Card, ErrorNote, Figure, Moment, PageHead, Waiting } from '../ui/parts';
import { PartialNote } from '../ui/partial_note';
import { refusal } from '../ui/refusal';
import { Tabs } from '../ui/tabs';

const LISTED = 6;
/** A session is told of before lists have it. */
const REFRESH_MS = 3_000;

/** What a chart needs of a sample: its time, and the figures of the project or of the node. */
interface Timed {
  at: number;
  seconds: number;
  figures: Figures;
}

const timed = (samples: Sample[], isNode: boolean): Timed[] =>
  samples.map((sample) => ({
    at: Date.parse(sample.at) / 1000,
    seconds: sample.interval_s,
    figures: (isNode && sample.node) || sample,
  }));

const refusedOf = ({ refused_per_s }: Figures) =>
  Object.values(refused_per_s).reduce((sum, rate) => sum + rate, 0);

const column = (all: Timed[], of: (figures: Figures) => number) => all.map(({ figures }) => of(figures));

const Headline = ({ last }: { last: Figures }) => (
  <Card class="headline">
    <div class="figures">
      <Figure
        name="Live sessions"
        value={count(last.live_sessions)}
        hint={last.sessions_max && `of ${count(last.sessions_max)} at most`}
      />
      <Figure name="From clients" tone="in" value={bitRate(last.uplink_bps)} />
      <Figure name="To clients" tone="out" value={bitRate(last.downlink_bps)} />
      <Figure name="Credentials issued" value={perSecond(last.issued_per_s)} />
      <Figure name="Refusals" value={perSecond(refusedOf(last))} />
    </div>
  </Card>
);

const Charts = ({ all, last }: { all: Timed[]; last: Figures }) => {
  const times = all.map(({ at }) => at);
  return (
    <>
      <Card title="Bit rate">
        <Chart
          mirrored
          series={[
            { name: 'From clients', colour: '--in' },
            { name: 'To clients', colour: '--out' },
          ]}
          data={[
            times,
            column(all, ({ uplink_bps }) => uplink_bps),
            column(all, ({ downlink_bps }) => downlink_bps),
          ]}
          write={bitRate}
          height={220}
          summary={`From clients ${bitRate(last.uplink_bps)}, to clients ${bitRate(last.downlink_bps)}.`}
        />
      </Card>
      <div class="columns">
        <Card title="Live sessions">
          <Chart
            whole
            series={[{ name: 'Live', colour: '--accent' }]}
            data={[times, column(all, ({ live_sessions }) => live_sessions)]}
            write={count}
            height={150}
            summary={`${last.live_sessions} live sessions.`}
          />
        </Card>
        <Card title="Credentials and refusals">
          <Chart
            mirrored
            series={[
              { name: 'Issued', colour: '--good' },
              { name: 'Refused', colour: '--bad' },
            ]}
            data={[times, column(all, ({ issued_per_s }) => issued_per_s), column(all, refusedOf)]}
            write={perSecond}
            height={150}
            summary={`${perSecond(last.issued_per_s)} issued, ${perSecond(refusedOf(last))} refused.`}
          />
        </Card>
      </div>
    </>
  );
};

/** How often each reason was given, the most frequent first. */
const refusalsIn = (all: Timed[]) => {
  const times = new Map<string, number>();
  for (const { figures, seconds } of all) {
    for (const [reason, rate] of Object.entries(figures.refused_per_s)) {
      times.set(reason, (times.get(reason) ?? 0) + rate * seconds);
    }
  }
  return [...times].sort(([, left], [, right]) => right - left).slice(0, LISTED);
};

const Refusals = ({ all }: { all: Timed[] }) => {
  const reasons = refusalsIn(all);
  if (reasons.length === 0) return <p class="quiet">Nobody was refused in the last ten minutes.</p>;
  const most = reasons[0]![1];
  return (
    <ul class="plain lines">
      {reasons.map(([reason, times]) => (
        <li key={reason}>
          <span class="grow">
            {refusal(reason)}
            <meter min={0} max={most} value={times} aria-label={refusal(reason)} />
          </span>
          <span class="number">{count(Math.round(times))}</span>
        </li>
      ))}
    </ul>
  );
};

const Sessions = ({ state, turns }: { state: Session['state']; turns: number }) => {
  const path = `/sessions?state=${state}&limit=${LISTED}`;
  const { data, error, reload } = useQuery<Page<Session>>(path, REFRESH_MS);
  useEffect(reload, [turns]);
  if (error) return <ErrorNote error={error} retry={reload} />;
  if (!data) return <Waiting lines={3} />;
  if (data.items.length === 0) return <p class="quiet">None.</p>;
  return (
    <ul class="plain lines">
      {data.items.map((each) => (
        <li key={each.id}>
          <span class="grow">
            <Link href={`/sessions/${each.id}`}>{each.room ?? each.id.slice(0, 8)}</Link>
          </span>
          <span class="quiet">
            {each.end_reason ? endReason(each.end_reason) : each.transport.toUpperCase()}
          </span>
          <Moment at={each.ended_at ?? each.started_at} />
        </li>
      ))}
    </ul>
  );
};

const Loaded = ({ samples, turns }: { samples: Sample[]; turns: number }) => {
  const [parameters] = useSearchParams();
  const newest = samples.at(-1);
  const isNode = parameters.get('of') === 'node' && !!newest?.node;
  const all = timed(samples, isNode);
  const last = all.at(-1)?.figures;
  if (!newest || !last) return <Waiting />;
  return (
    <>
      {newest.node && (
        <Tabs
          label="Whose figures"
          tabs={[
            { href: '/overview', name: 'This project', isHere: !isNode },
            { href: '/overview?of=node', name: 'This whole node', isHere: isNode },
          ]}
        />
      )}
      <Headline last={last} />
      <Charts all={all} last={last} />
      <div class="columns">
        <Card title="Refused, by reason">
          <Refusals all={all} />
        </Card>
        {may('sessions:read') && (
          <>
            <Card title="Began last" aside={<Link href="/sessions?state=live">All live</Link>}>
              <Sessions state="live" turns={turns} />
            </Card>
            <Card title="Ended last" aside={<Link href="/sessions?state=ended">All ended</Link>}>
              <Sessions state="ended" turns={turns} />
            </Card>
          </>
        )}
      </div>
    </>
  );
};

export const OverviewPage = () => {
  const { samples, error, partial, turns } = useFeed();
  const node = samples?.at(-1)?.node;
  return (
    <>
      <PageHead title="Overview" lead="What goes through the relay at this moment, in all regions.">
        {node?.draining && <Badge tone="warn">Takes no new sessions</Badge>}
      </PageHead>
      {error && <ErrorNote error={error} />}
      <PartialNote away={partial} />
      {samples ? <Loaded samples={samples} turns={turns} /> : !error && <Waiting />}
    </>
  );
};
