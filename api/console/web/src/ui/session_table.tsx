// Sessions as a list, wherever one is shown.
import { Phone } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { Link } from 'wouter-preact';
import type { Session } from '../api/types';
import type { Pages } from '../api/use_pages';
import { endReason } from './end_reason';
import { bytes, duration } from './format';
import { Badge, Empty, Moment } from './parts';
import { PageTurner, Table } from './table';

export const SessionState = ({ session }: { session: Session }) =>
  session.state === 'live' ? (
    <Badge tone="good">Live</Badge>
  ) : (
    <Badge tone="quiet">Ended</Badge>
  );

/** How long it has lasted, or lasts. */
export const lengthOf = ({ started_at, ended_at }: Session) =>
  duration(((ended_at ? Date.parse(ended_at) : Date.now()) - Date.parse(started_at)) / 1000);

const ClientLink = ({ name }: { name: string | null }) =>
  name ? <Link href={`/clients/${name}`}>{name}</Link> : null;

export const ClientLinks = ({
  session: { initiator_client, receiver_client },
}: {
  session: Session;
}) => {
  if (!initiator_client && !receiver_client) return <span class="quiet">—</span>;
  return (
    <span>
      <ClientLink name={initiator_client} />
      {initiator_client && receiver_client && ' → '}
      <ClientLink name={receiver_client} />
    </span>
  );
};

export const RoomLink = ({ room }: { room: string | null }) =>
  room ? <Link href={`/rooms/${room}`}>{room}</Link> : <span class="quiet">—</span>;

const Row = ({ session }: { session: Session }) => (
  <tr>
    <td data-name="Session">
      <Link class="mono" href={`/sessions/${session.id}`}>
        {session.id.slice(0, 8)}
      </Link>
    </td>
    <td data-name="State">
      <span>
        <SessionState session={session} />
        {session.end_reason && <span class="below quiet">{endReason(session.end_reason)}</span>}
      </span>
    </td>
    <td data-name="Room">
      <RoomLink room={session.room} />
    </td>
    <td data-name="Clients">
      <ClientLinks session={session} />
    </td>
    <td data-name="Way in">{session.transport.toUpperCase()}</td>
    <td data-name="From / to" class="number">
      {bytes(session.traffic.uplink_bytes)} / {bytes(session.traffic.downlink_bytes)}
    </td>
    <td data-name="Started">
      <Moment at={session.started_at} />
    </td>
    <td data-name="Lasts" class="number">
      {lengthOf(session)}
    </td>
  </tr>
);

export const SessionTable = ({ pages, none }: { pages: Pages<Session>; none: ComponentChildren }) => (
  <>
    <Table
      caption="Sessions"
      columns={['Session', 'State', 'Room', 'Clients', 'Way in', 'From / to client', 'Started', 'Lasts']}
      numbers={['From / to client', 'Lasts']}
      pages={pages}
      empty={
        <Empty icon={Phone} title="No session.">
          {none}
        </Empty>
      }
      row={(session) => <Row key={session.id} session={session} />}
    />
    <PageTurner pages={pages} />
  </>
);
