// Every session, live and past. What is searched for stands in the address.
import { useEffect, useState } from 'preact/hooks';
import { useSearchParams } from 'wouter-preact';
import type { Region, Session } from '../api/types';
import { usePages } from '../api/use_pages';
import { useQuery } from '../api/use_query';
import { ErrorNote, PageHead } from '../ui/parts';
import { SessionTable } from '../ui/session_table';

const REFRESH_MS = 5_000;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d\d-\d\d$/;
const FILTERS = ['state', 'room', 'client', 'region', 'from', 'to'] as const;
type Filter = (typeof FILTERS)[number];

/** A day's begin, and so many milliseconds; of what is no day, the API says so itself. */
const timeOf = (day: string, laterMs = 0) => {
  const time = new Date(Date.parse(day) + laterMs);
  return Number.isNaN(time.getTime()) ? day : time.toISOString();
};

/** What the API is asked for: days become the times at which they begin and end. */
const queryOf = ({ from, to, ...names }: Record<Filter, string>) => ({
  ...names,
  from: timeOf(from),
  to: timeOf(to, DAY_MS),
});

/** A name that is looked for once it is typed to its end. */
const NameField = (props: { label: string; value: string; onChange: (value: string) => void }) => {
  const [text, setText] = useState(props.value);
  useEffect(() => setText(props.value), [props.value]);
  return (
    <label>
      <span>{props.label}</span>
      <input
        type="search"
        maxLength={100}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => props.onChange(event.currentTarget.value.trim())}
      />
    </label>
  );
};

const DayField = (props: { label: string; value: string; onChange: (value: string) => void }) => (
  <label>
    <span>{props.label}</span>
    <input
      type="date"
      value={DAY.test(props.value) ? props.value : ''}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  </label>
);

export const SessionsPage = () => {
  const [parameters, setParameters] = useSearchParams();
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, parameters.get(name) ?? ''])) as Record<
    Filter,
    string
  >;
  const regions = useQuery<Region[]>('/regions');
  const sessions = usePages<Session>('/sessions', queryOf(wanted), REFRESH_MS);
  const look = (name: Filter) => (value: string) =>
    setParameters((before) => {
      const next = new URLSearchParams(before);
      if (value === '') next.delete(name);
      else next.set(name, value);
      return next;
    });
  return (
    <>
      <PageHead
        title="Sessions"
        lead="One for each end that uses the relay: in a call of two, there are two."
      />
      <search class="filters">
        <label>
          <span>State</span>
          <select value={wanted.state} onChange={(event) => look('state')(event.currentTarget.value)}>
            <option value="">live and ended</option>
            <option value="live">live</option>
            <option value="ended">ended</option>
          </select>
        </label>
        <NameField label="Room" value={wanted.room} onChange={look('room')} />
        <NameField label="Client" value={wanted.client} onChange={look('client')} />
        <label>
          <span>Region</span>
          <select value={wanted.region} onChange={(event) => look('region')(event.currentTarget.value)}>
            <option value="">all</option>
            {regions.data?.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <DayField label="Started from" value={wanted.from} onChange={look('from')} />
        <DayField label="Started until" value={wanted.to} onChange={look('to')} />
      </search>
      {regions.error && !sessions.error && <ErrorNote error={regions.error} retry={regions.reload} />}
      <SessionTable pages={sessions} none="Names are matched whole, as your application gave them." />
    </>
  );
};
