// Who changed what.
import { ScrollText } from 'lucide-preact';
import { may } from '../api/account';
import { readNames } from '../api/read_all';
import type { AuditEntry, Token } from '../api/types';
import { usePages } from '../api/use_pages';
import { useQuery } from '../api/use_query';
import { count, words } from '../ui/format';
import { Badge, Empty, ErrorNote, Moment, PageHead, type Tone } from '../ui/parts';
import { PageTurner, Table } from '../ui/table';

const VERBS: Record<string, string> = {
  POST: 'Create',
  PATCH: 'Change',
  PUT: 'Change',
  DELETE: 'Delete',
};

/** "POST /api/v1/tokens/{id}/rotate" as "Rotate". */
const verbOf = (action: string) => {
  const [method = '', route = ''] = action.split(' ');
  const act = /\}\/(rotate|replay)$/.exec(route)?.[1];
  return act ? words(act) : (VERBS[method] ?? method);
};

const outcomeOf = (status: number): { tone: Tone; word: string } => {
  if (status < 400) return { tone: 'good', word: 'Done' };
  if (status === 401 || status === 403) return { tone: 'bad', word: 'Refused' };
  return { tone: 'warn', word: `Failed, ${status}` };
};

const Row = ({ entry, names }: { entry: AuditEntry; names: Map<string, string> }) => {
  const { tone, word } = outcomeOf(entry.status);
  return (
    <tr>
      <td data-name="When">
        <Moment at={entry.at} />
      </td>
      <td data-name="Who" title={entry.actor}>
        {names.get(entry.actor) ?? entry.actor.slice(0, 8)}
      </td>
      <td data-name="What">
        <strong>{verbOf(entry.action)}</strong>
        <code class="below break quiet">{entry.target.replace('/api/v1', '')}</code>
      </td>
      <td data-name="Project">{entry.project ?? '—'}</td>
      <td data-name="From">{entry.client ? <code>{entry.client}</code> : 'this machine'}</td>
      <td data-name="Outcome">
        <Badge tone={tone}>{word}</Badge>
      </td>
    </tr>
  );
};

export const AuditPage = () => {
  const entries = usePages<AuditEntry>('/audit');
  const tokens = useQuery(may('tokens:admin') ? '/tokens' : null, 0, readNames<Token>);
  const names = new Map(tokens.data?.items.map(({ id, name }) => [id, name]));
  return (
    <>
      <PageHead
        title="Audit log"
        lead="Who changed what, refused requests included. Nothing is ever taken out."
      />
      {tokens.data?.isCut && (
        <p class="note" role="status">
          There are more than {count(tokens.data.items.length)} tokens: of the others only the id is
          shown.
        </p>
      )}
      {tokens.error && !entries.error && <ErrorNote error={tokens.error} retry={tokens.reload} />}
      <Table
        caption="Changes, newest first"
        columns={['When', 'Who', 'What', 'Project', 'From', 'Outcome']}
        pages={entries}
        empty={<Empty icon={ScrollText} title="Nothing was changed yet." />}
        row={(entry) => <Row key={entry.id} entry={entry} names={names} />}
      />
      <PageTurner pages={entries} />
    </>
  );
};
