// One session: who, by which way, to whom, how much, and how it ended.
import { useEffect, useState } from 'preact/hooks';
import { may } from '../api/account';
import { api } from '../api/client';
import { readAll } from '../api/read_all';
import type { Session, SessionSample, Traffic } from '../api/types';
import { useQuery } from '../api/use_query';
import { columnsOf, rateBetween, type Counted, type Point } from '../live/rates';
import { AwayLink } from '../ui/away_link';
import { Chart } from '../ui/chart';
import { ConfirmButton } from '../ui/dialog';
import { endReason } from '../ui/end_reason';
import { bitRate, bytes, count, dateTime } from '../ui/format';
import {
  Card,
  CopyButton,
  ErrorNote,
  Fact,
  Facts,
  Figure,
  Moment,
  PageHead,
  Waiting,
} from '../ui/parts';
import { SessionRoute } from '../ui/route';
import { ClientLinks, lengthOf, RoomLink, SessionState } from '../ui/session_table';

const REFRESH_MS = 1_000;
/** A day of what is recorded every ten seconds, and a little more. */
const READINGS_MAX = 9_000;
const APART_MS = 700;
const NOTHING_YET: Traffic = {
  uplink_packets: 0,
  uplink_bytes: 0,
  downlink_packets: 0,
  downlink_bytes: 0,
};

/** The rate before each reading; the first one has that of the second. */
const pointsOf = (readings: Counted[]): Point[] => {
  const points = readings
    .slice(1)
    .map((now, index) => ({ at: now.at, ...rateBetween(readings[index]!, now) }));
  return points.length > 0 ? [{ ...points[0]!, at: readings[0]!.at }, ...points] : [];
};

/** What was recorded; the node keeps a day of it. */
const readSamples = async (id: string, signal: AbortSignal): Promise<Counted[]> => {
  const bounds = { most: READINGS_MAX, signal };
  const { items } = await readAll<SessionSample>(`/sessions/${id}/samples`, {}, bounds);
  return items.map(({ at, traffic }) => ({ at: Date.parse(at), traffic }));
};

/** Two readings at almost the same time say nothing of a rate. */
const inOrder = (readings: Counted[]) =>
  readings
    .sort((left, right) => left.at - right.at)
    .filter(({ at }, index, all) => index === 0 || at - all[index - 1]!.at >= APART_MS)
    .slice(-READINGS_MAX);

/** What was recorded, and each new reading of the page, from the session's begin to its end. */
const useReadings = (id: string, session: Session | undefined) => {
  const [readings, setReadings] = useState<Counted[]>([]);
  const add = (more: Counted[]) => setReadings((before) => inOrder([...before, ...more]));
  useEffect(() => {
    const stop = new AbortController();
    setReadings([]);
    // Without them there is a chart of what comes from now on.
    readSamples(id, stop.signal).then(add, () => undefined);
    return () => stop.abort();
  }, [id]);
  const begin = session?.started_at;
  useEffect(() => {
    if (begin) add([{ at: Date.parse(begin), traffic: NOTHING_YET }]);
  }, [id, begin]);
  useEffect(() => {
    if (!session) return;
    const at = session.ended_at ? Date.parse(session.ended_at) : Date.now();
    add([{ at, traffic: session.traffic }]);
  }, [session]);
  return readings;
};

const RateChart = ({ points }: { points: Point[] }) => {
  const last = points.at(-1);
  return (
    <Card title="Bit rate">
      {points.length < 2 ? (
        <p class="quiet">Too short for a chart.</p>
      ) : (
        <Chart
          mirrored
          series={[
            { name: 'From the client', colour: '--in' },
            { name: 'To the client', colour: '--out' },
          ]}
          data={columnsOf(points)}
          write={bitRate}
          height={200}
          summary={`From the client ${bitRate(last?.up ?? 0)}, to the client ${bitRate(last?.down ?? 0)}.`}
        />
      )}
    </Card>
  );
};

const Counters = ({ session, last }: { session: Session; last: Point | undefined }) => {
  const { traffic } = session;
  return (
    <Card class="headline">
      <div class="figures">
        <Figure
          name="From the client"
          tone="in"
          value={last ? bitRate(last.up) : bytes(traffic.uplink_bytes)}
          hint={`${bytes(traffic.uplink_bytes)}, ${count(traffic.uplink_packets)} packets`}
        />
        <Figure
          name="To the client"
          tone="out"
          value={last ? bitRate(last.down) : bytes(traffic.downlink_bytes)}
          hint={`${bytes(traffic.downlink_bytes)}, ${count(traffic.downlink_packets)} packets`}
        />
        <Figure
          name={session.state === 'live' ? 'Goes on for' : 'Lasted'}
          value={lengthOf(session)}
          hint={`since ${dateTime(session.started_at)}`}
        />
      </div>
    </Card>
  );
};

const Details = ({ session }: { session: Session }) => (
  <Card title="Whose it is">
    <Facts>
      <Fact name="Room">
        <RoomLink room={session.room} />
      </Fact>
      <Fact name="Clients">
        <ClientLinks session={session} />
      </Fact>
      {session.state === 'live' ? (
        <Fact name="Last activity">
          <Moment at={session.last_activity_at} />
        </Fact>
      ) : (
        <Fact name="Ended">
          <Moment at={session.ended_at} />
        </Fact>
      )}
      {session.end_reason && <Fact name="Because">{endReason(session.end_reason)}</Fact>}
    </Facts>
    {session.credential_id && (
      <p class="credential">
        <span class="quiet">Credential</span> <code>{session.credential_id}</code>
        <CopyButton text={session.credential_id} label="Copy the credential’s id" />
      </p>
    )}
  </Card>
);

const Actions = ({ session, reload }: { session: Session; reload: () => void }) => {
  const end = async () => {
    await api(`/sessions/${session.id}`, { method: 'DELETE' });
    reload();
  };
  const revoke = async () => {
    await api(`/credentials/${session.credential_id}`, { method: 'DELETE' });
    reload();
  };
  return (
    <>
      {session.state === 'live' && may('sessions:kill') && (
        <ConfirmButton action="End session" title="End this session?" run={end}>
          <p>The client loses its relay at once. With the same credential it may begin another one.</p>
        </ConfirmButton>
      )}
      {session.credential_id && may('ice:revoke') && (
        <ConfirmButton action="Revoke credential" title="Revoke its credential?" run={revoke}>
          <p>
            Every session under it ends, in all regions, and it begins no new one. It cannot be undone.
          </p>
        </ConfirmButton>
      )}
    </>
  );
};

export const SessionPage = ({ params: { id } }: { params: { id: string } }) => {
  const [isLive, setLive] = useState(true);
  const asked = useQuery<Session>(`/sessions/${id}`, isLive ? REFRESH_MS : 0);
  const { data: session, error, reload } = asked;
  useEffect(() => setLive(session?.state !== 'ended'), [session]);
  const points = pointsOf(useReadings(id, session));
  return (
    <>
      <PageHead
        title={`Session ${id.slice(0, 8)}`}
        lead={
          session && (
            <span class="trail">
              <SessionState session={session} />
              {session.end_reason && <span>{endReason(session.end_reason)}</span>}
              <AwayLink href={session.links.session} />
            </span>
          )
        }
      >
        {session && <Actions session={session} reload={reload} />}
      </PageHead>
      {error && <ErrorNote error={error} retry={reload} />}
      {!session ? (
        !error && <Waiting />
      ) : (
        <>
          <Counters session={session} last={session.state === 'live' ? points.at(-1) : undefined} />
          <Card title="Its way">
            <SessionRoute session={session} />
          </Card>
          <RateChart points={points} />
          <Details session={session} />
        </>
      )}
    </>
  );
};
