// What one webhook was told, whether it arrived, and telling it again.
import { Webhook as WebhookIcon } from 'lucide-preact';
import { Link, useSearchParams } from 'wouter-preact';
import { api } from '../api/client';
import type { Delivery, Webhook } from '../api/types';
import { usePages } from '../api/use_pages';
import { useQuery } from '../api/use_query';
import { ActionButton } from '../ui/action_button';
import { words } from '../ui/format';
import { Badge, Empty, ErrorNote, Moment, PageHead, type Tone } from '../ui/parts';
import { PageTurner, Table } from '../ui/table';

const REFRESH_MS = 5_000;
const TONES: Record<Delivery['state'], Tone> = { pending: 'busy', delivered: 'good', dead: 'bad' };
const STATES: Record<Delivery['state'], string> = {
  pending: 'Under way',
  delivered: 'Delivered',
  dead: 'Given up',
};

const Answer = ({ delivery }: { delivery: Delivery }) => (
  <>
    {delivery.last_error ? words(delivery.last_error) : (delivery.last_status ?? '—')}
    {delivery.next_attempt_at && delivery.attempts > 0 && (
      <span class="below quiet">
        next try <Moment at={delivery.next_attempt_at} />
      </span>
    )}
  </>
);

const DeliveryRow = (props: { hook: string; delivery: Delivery; onChange: () => void }) => {
  const { delivery } = props;
  const replay = async (key: string) => {
    await api(`/webhooks/${props.hook}/deliveries/${delivery.id}/replay`, { method: 'POST', key });
    props.onChange();
  };
  return (
    <tr>
      <td data-name="Event">
        <code>{delivery.event}</code>
      </td>
      <td data-name="State">
        <Badge tone={TONES[delivery.state]}>{STATES[delivery.state]}</Badge>
      </td>
      <td data-name="Tries" class="number">
        {delivery.attempts}
      </td>
      <td data-name="Answer">
        <span>
          <Answer delivery={delivery} />
        </span>
      </td>
      <td data-name="When">
        <Moment at={delivery.created_at} />
      </td>
      <td class="end">
        {delivery.state !== 'pending' && (
          <ActionButton
            action="Replay"
            to={`${delivery.event} ${delivery.event_id.slice(0, 8)}`}
            run={replay}
          />
        )}
      </td>
    </tr>
  );
};

export const WebhookPage = ({ params: { id } }: { params: { id: string } }) => {
  const [parameters, setParameters] = useSearchParams();
  const state = parameters.get('state') ?? '';
  const hook = useQuery<Webhook>(`/webhooks/${id}`);
  const deliveries = usePages<Delivery>(`/webhooks/${id}/deliveries`, { state }, REFRESH_MS);
  const choose = (event: { currentTarget: HTMLSelectElement }) =>
    setParameters(event.currentTarget.value ? { state: event.currentTarget.value } : {});
  return (
    <>
      <PageHead
        title="Deliveries"
        lead={
          <span class="trail">
            <Link href="/webhooks">All webhooks</Link>
            {hook.data && <code class="break">{hook.data.url}</code>}
          </span>
        }
      >
        <label>
          <span>State</span>
          <select value={state} onChange={choose}>
            <option value="">all</option>
            {Object.entries(STATES).map(([value, name]) => (
              <option key={value} value={value}>
                {name.toLowerCase()}
              </option>
            ))}
          </select>
        </label>
      </PageHead>
      {hook.error && !deliveries.error && <ErrorNote error={hook.error} retry={hook.reload} />}
      <Table
        caption="Deliveries, newest first"
        columns={['Event', 'State', 'Tries', 'Answer', 'When', '']}
        numbers={['Tries']}
        pages={deliveries}
        empty={<Empty icon={WebhookIcon} title="Nothing to be told yet." />}
        row={(delivery) => (
          <DeliveryRow key={delivery.id} hook={id} delivery={delivery} onChange={deliveries.reload} />
        )}
      />
      <PageTurner pages={deliveries} />
    </>
  );
};
