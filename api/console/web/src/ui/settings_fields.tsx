// A project's settings as a form; an empty field is null: as the node has it, or no limit.
import type { ProjectSettings } from '../api/types';

interface NumberField {
  name: string;
  label: string;
  read: (settings: ProjectSettings) => number | null;
  least?: number;
}

const TIMES: NumberField[] = [
  { name: 'default_ttl_s', label: 'Time to live of a credential, s', read: (of) => of.default_ttl_s },
  { name: 'max_ttl_s', label: 'The same, at most', read: (of) => of.max_ttl_s },
  { name: 'max_session_s', label: 'Session after expiry, at most, s', read: (of) => of.max_session_s },
  { name: 'retention_days', label: 'Remember ended sessions, days', read: (of) => of.retention_days },
];
const QUOTAS: NumberField[] = [
  { name: 'quotas.max_allocations', label: 'Allocations', read: (of) => of.quotas.max_allocations },
  {
    name: 'quotas.max_bitrate_bps',
    label: 'Bit rate, bit/s',
    read: (of) => of.quotas.max_bitrate_bps,
    least: 8000,
  },
  {
    name: 'quotas.max_packets_per_second',
    label: 'Packets a second',
    read: (of) => of.quotas.max_packets_per_second,
    least: 10,
  },
  { name: 'quotas.max_bytes_per_day', label: 'Bytes a day', read: (of) => of.quotas.max_bytes_per_day },
  {
    name: 'quotas.max_sessions_per_second',
    label: 'New sessions a second',
    read: (of) => of.quotas.max_sessions_per_second,
  },
];
const LIMITS: NumberField[] = [
  { name: 'limits.max_allocations', label: 'Allocations', read: (of) => of.limits.max_allocations },
  {
    name: 'limits.max_bitrate_bps',
    label: 'Bit rate, bit/s',
    read: (of) => of.limits.max_bitrate_bps,
    least: 8000,
  },
  {
    name: 'limits.max_packets_per_second',
    label: 'Packets a second',
    read: (of) => of.limits.max_packets_per_second,
    least: 10,
  },
  { name: 'limits.max_bytes', label: 'Bytes', read: (of) => of.limits.max_bytes },
];
const LINKS = ['room', 'client', 'session'] as const;

const Numbers = (props: { legend: string; fields: NumberField[]; settings: ProjectSettings | null }) => (
  <fieldset>
    <legend>{props.legend}</legend>
    <div class="pair">
      {props.fields.map(({ name, label, read, least = 1 }) => (
        <label key={name}>
          <span>{label}</span>
          <input
            type="number"
            name={name}
            min={least}
            step={1}
            defaultValue={props.settings ? (read(props.settings)?.toString() ?? '') : ''}
          />
        </label>
      ))}
    </div>
  </fieldset>
);

const Choice = (props: {
  name: string;
  label: string;
  values: Record<string, string>;
  value: string | null;
}) => (
  <label>
    <span>{props.label}</span>
    <select name={props.name}>
      <option value="">as the node</option>
      {Object.entries(props.values).map(([value, text]) => (
        <option key={value} value={value} selected={value === props.value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

export const SettingsFields = ({ settings }: { settings: ProjectSettings | null }) => (
  <>
    <Numbers legend="Times" fields={TIMES} settings={settings} />
    <fieldset>
      <legend>What a relay may be used for</legend>
      <div class="pair">
        <Choice
          name="peer_scope"
          label="Peers"
          values={{ any: 'any address', room: 'the same room', relays: 'relays only' }}
          value={settings?.peer_scope ?? null}
        />
        <Choice
          name="on_expiry"
          label="When a credential expires"
          values={{ keep: 'calls go on', disconnect: 'calls end' }}
          value={settings?.on_expiry ?? null}
        />
      </div>
    </fieldset>
    <Numbers legend="The whole project, on one node, at most" fields={QUOTAS} settings={settings} />
    <Numbers legend="Each credential, at most" fields={LIMITS} settings={settings} />
    <fieldset>
      <legend>Links to your application</legend>
      {LINKS.map((name) => (
        <label key={name}>
          <span>A {name}</span>
          <input
            type="url"
            name={`links.${name}`}
            pattern="https://.+"
            maxLength={500}
            placeholder={`https://app.example/${name}s/{${name}}`}
            defaultValue={settings?.links[name] ?? ''}
          />
        </label>
      ))}
    </fieldset>
  </>
);

/** What stands in the form. */
export const settingsFrom = (form: FormData): ProjectSettings => {
  const text = (name: string) => String(form.get(name) ?? '').trim() || null;
  const number = (name: string) => {
    const written = text(name);
    return written === null ? null : Number(written);
  };
  return {
    default_ttl_s: number('default_ttl_s'),
    max_ttl_s: number('max_ttl_s'),
    max_session_s: number('max_session_s'),
    quotas: {
      max_allocations: number('quotas.max_allocations'),
      max_bitrate_bps: number('quotas.max_bitrate_bps'),
      max_packets_per_second: number('quotas.max_packets_per_second'),
      max_bytes_per_day: number('quotas.max_bytes_per_day'),
      max_sessions_per_second: number('quotas.max_sessions_per_second'),
    },
    limits: {
      max_allocations: number('limits.max_allocations'),
      max_bitrate_bps: number('limits.max_bitrate_bps'),
      max_packets_per_second: number('limits.max_packets_per_second'),
      max_bytes: number('limits.max_bytes'),
    },
    peer_scope: text('peer_scope') as ProjectSettings['peer_scope'],
    on_expiry: text('on_expiry') as ProjectSettings['on_expiry'],
    retention_days: number('retention_days'),
    links: { room: text('links.room'), client: text('links.client'), session: text('links.session') },
  };
};
