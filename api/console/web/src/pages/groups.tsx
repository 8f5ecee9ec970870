// Rooms and clients: the same twice, seen from two sides.
import { DoorOpen, Users, type LucideIcon } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { Link, useLocation, useSearchParams } from 'wouter-preact';
import { may } from '../api/account';
import { api, withQuery } from '../api/client';
import type { LiveGroup, Session, UsageRow } from '../api/types';
import { usePages } from '../api/use_pages';
import { useQuery } from '../api/use_query';
import { AwayLink } from '../ui/away_link';
import { ConfirmButton } from '../ui/dialog';
import { bytes, count, dateTime } from '../ui/format';
import { Card, Empty, ErrorNote, Figure, Moment, PageHead, Waiting } from '../ui/parts';
import { SessionTable } from '../ui/session_table';
import { PageTurner, Table } from '../ui/table';
import { Tabs } from '../ui/tabs';
import { USAGE_COLUMNS, UsageCells } from '../ui/usage_cells';

const REFRESH_MS = 5_000;

interface Kind {
  one: 'room' | 'client';
  other: 'rooms' | 'clients';
  place: string;
  otherPlace: string;
  title: string;
  otherTitle: string;
  icon: LucideIcon;
}

const ROOMS: Kind = {
  one: 'room',
  other: 'clients',
  place: '/rooms',
  otherPlace: '/clients',
  title: 'Rooms',
  otherTitle: 'Clients',
  icon: DoorOpen,
};
const CLIENTS: Kind = {
  one: 'client',
  other: 'rooms',
  place: '/clients',
  otherPlace: '/rooms',
  title: 'Clients',
  otherTitle: 'Rooms',
  icon: Users,
};

const NAMES_SHOWN = 6;

const Names = ({ names, place }: { names: string[]; place: string }) => (
  <span class="trail">
    {names.slice(0, NAMES_SHOWN).map((name) => (
      <Link key={name} href={`${place}/${name}`}>
        {name}
      </Link>
    ))}
    {names.length > NAMES_SHOWN && <span class="quiet">and {names.length - NAMES_SHOWN} more</span>}
  </span>
);

const Search = ({ kind }: { kind: Kind }) => {
  const [name, setName] = useState('');
  const [, go] = useLocation();
  const submit = (event: Event) => {
    event.preventDefault();
    if (name.trim() !== '') go(`${kind.place}/${encodeURIComponent(name.trim())}`);
  };
  return (
    <form class="actions search" role="search" onSubmit={submit}>
      <label class="inline">
        <span>Find a {kind.one} by its name</span>
        <input
          type="search"
          maxLength={100}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Open</button>
    </form>
  );
};

const LiveRow = ({ group, kind }: { group: LiveGroup; kind: Kind }) => {
  const name = group[kind.one] ?? '';
  return (
    <tr>
      <td data-name={kind.title.slice(0, -1)}>
        <Link href={`${kind.place}/${name}`}>
          <strong>{name}</strong>
        </Link>
      </td>
      <td data-name={kind.otherTitle}>
        <Names names={group.live[kind.other] ?? []} place={kind.otherPlace} />
      </td>
      <td data-name="Sessions" class="number">
        {count(group.live.sessions)}
      </td>
      <td data-name="From / to" class="number">
        {bytes(group.live.traffic.uplink_bytes)} / {bytes(group.live.traffic.downlink_bytes)}
      </td>
      <td data-name="Since">
        <Moment at={group.live.started_at} />
      </td>
    </tr>
  );
};

const LiveList = ({ kind }: { kind: Kind }) => {
  const groups = usePages<LiveGroup>(kind.place, {}, REFRESH_MS);
  return (
    <>
      <Table
        caption={`${kind.title} in a call now`}
        columns={[kind.title.slice(0, -1), kind.otherTitle, 'Sessions', 'From / to clients', 'Since']}
        numbers={['Sessions', 'From / to clients']}
        pages={groups}
        empty={<Empty icon={kind.icon} title="Nobody is in a call." />}
        row={(group) => <LiveRow key={group[kind.one]} group={group} kind={kind} />}
      />
      <PageTurner pages={groups} />
    </>
  );
};

const PastRow = ({ row, kind }: { row: UsageRow; kind: Kind }) => {
  const name = row[kind.one];
  return (
    <tr>
      <td data-name={kind.title.slice(0, -1)}>
        {name ? (
          <Link href={`${kind.place}/${name}`}>
            <strong>{name}</strong>
          </Link>
        ) : (
          <span class="quiet">without a name</span>
        )}
      </td>
      <UsageCells row={row} />
    </tr>
  );
};

const PastList = ({ kind }: { kind: Kind }) => {
  const rows = usePages<UsageRow>('/usage', { group_by: kind.one });
  return (
    <>
      <Table
        caption={`${kind.title} of the last 30 days`}
        columns={[kind.title.slice(0, -1), ...USAGE_COLUMNS]}
        numbers={USAGE_COLUMNS}
        pages={rows}
        empty={<Empty icon={kind.icon} title="Nobody was in a call." />}
        row={(row) => <PastRow key={row[kind.one]} row={row} kind={kind} />}
      />
      <PageTurner pages={rows} />
    </>
  );
};

const List = ({ kind }: { kind: Kind }) => {
  const [parameters] = useSearchParams();
  const isPast = may('usage:read') && parameters.has('past');
  return (
    <>
      <PageHead title={kind.title}>
        <Search kind={kind} />
      </PageHead>
      {may('usage:read') && (
        <Tabs
          label={`Which ${kind.title.toLowerCase()}`}
          tabs={[
            { href: kind.place, name: 'In a call now', isHere: !isPast },
            { href: `${kind.place}?past`, name: 'The last 30 days', isHere: isPast },
          ]}
        />
      )}
      {isPast ? <PastList kind={kind} /> : <LiveList kind={kind} />}
    </>
  );
};

const Summary = ({ group, kind }: { group: LiveGroup; kind: Kind }) => (
  <Card class="headline">
    <div class="figures">
      <Figure name="Live sessions" value={count(group.live.sessions)} />
      <Figure
        name="From clients, in all"
        tone="in"
        value={bytes(group.total?.traffic.uplink_bytes ?? 0)}
        hint={`${count(group.total?.sessions ?? 0)} sessions`}
      />
      <Figure
        name="To clients, in all"
        tone="out"
        value={bytes(group.total?.traffic.downlink_bytes ?? 0)}
        hint={group.total?.first_started_at && `since ${dateTime(group.total.first_started_at)}`}
      />
    </div>
    {(group.live[kind.other]?.length ?? 0) > 0 && (
      <p>
        <span class="quiet">{kind.otherTitle} now:</span>
        <Names names={group.live[kind.other] ?? []} place={kind.otherPlace} />
      </p>
    )}
  </Card>
);

const One = ({ kind, name }: { kind: Kind; name: string }) => {
  const {
    data: group,
    error,
    reload,
  } = useQuery<LiveGroup>(`${kind.place}/${encodeURIComponent(name)}`, REFRESH_MS);
  const sessions = usePages<Session>('/sessions', { [kind.one]: name }, REFRESH_MS);
  const revoke = async () => {
    await api(withQuery('/credentials', { [kind.one]: name }), { method: 'DELETE' });
    reload();
    sessions.reload();
  };
  return (
    <>
      <PageHead
        title={name}
        lead={
          <span class="trail">
            <Link href={kind.place}>All {kind.title.toLowerCase()}</Link>
            <AwayLink href={group?.link} />
          </span>
        }
      >
        {group && may('ice:revoke') && (
          <ConfirmButton
            action="Revoke credentials"
            title={`Revoke every credential of ${name}?`}
            run={revoke}
          >
            <p>
              Every session of this {kind.one} ends at once. Credentials that are issued from now on
              work.
            </p>
          </ConfirmButton>
        )}
      </PageHead>
      {error && <ErrorNote error={error} retry={reload} />}
      {group ? (
        <>
          <Summary group={group} kind={kind} />
          <SessionTable pages={sessions} none="None is remembered." />
        </>
      ) : (
        !error && <Waiting />
      )}
    </>
  );
};

export const RoomsPage = () => <List kind={ROOMS} />;
export const ClientsPage = () => <List kind={CLIENTS} />;
export const RoomPage = ({ params: { name } }: { params: { name: string } }) => (
  <One kind={ROOMS} name={name} />
);
export const ClientPage = ({ params: { name } }: { params: { name: string } }) => (
  <One kind={CLIENTS} name={name} />
);
