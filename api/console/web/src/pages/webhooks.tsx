// Who is told of events.
import { Plus, Webhook as WebhookIcon } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { api } from '../api/client';
import type { CreatedWebhook, Webhook } from '../api/types';
import { usePages } from '../api/use_pages';
import { ActionButton } from '../ui/action_button';
import { ConfirmButton } from '../ui/dialog';
import { Badge, Empty, PageHead } from '../ui/parts';
import { SecretDialog } from '../ui/secret_dialog';
import { PageTurner, Table } from '../ui/table';
import { WebhookDialog } from '../ui/webhook_dialog';

interface RowProps {
  hook: Webhook;
  onChange: () => void;
  onEdit: () => void;
}

const WebhookRow = ({ hook, onChange, onEdit }: RowProps) => {
  const toggle = async () => {
    await api(`/webhooks/${hook.id}`, { method: 'PATCH', body: { enabled: !hook.enabled } });
    onChange();
  };
  const remove = async () => {
    await api(`/webhooks/${hook.id}`, { method: 'DELETE' });
    onChange();
  };
  return (
    <tr>
      <td data-name="Address">
        <Link href={`/webhooks/${hook.id}`} class="break">
          {hook.url}
        </Link>
      </td>
      <td data-name="State">
        {hook.enabled ? <Badge tone="good">On</Badge> : <Badge tone="quiet">Off</Badge>}
      </td>
      <td data-name="Events">
        <span class="chips">
          {hook.events.map((name) => (
            <code key={name} class="chip">
              {name}
            </code>
          ))}
        </span>
      </td>
      <td class="end">
        <span class="row-actions">
          <ActionButton action={hook.enabled ? 'Turn off' : 'Turn on'} to={hook.url} run={toggle} />
          <button type="button" class="small" aria-label={`Change ${hook.url}`} onClick={onEdit}>
            Change
          </button>
          <ConfirmButton
            small
            action="Delete"
            label={`Delete ${hook.url}`}
            title="Delete this webhook?"
            run={remove}
          >
            <p class="break">{hook.url} is told nothing from now on, not even what waits.</p>
          </ConfirmButton>
        </span>
      </td>
    </tr>
  );
};

export const WebhooksPage = () => {
  const hooks = usePages<Webhook>('/webhooks');
  const [edited, edit] = useState<Webhook | 'new'>();
  const [made, setMade] = useState<CreatedWebhook>();
  const onSaved = (saved: Webhook | CreatedWebhook) => {
    edit(undefined);
    if ('secret' in saved) setMade(saved);
    hooks.reload();
  };
  return (
    <>
      <PageHead
        title="Webhooks"
        lead="Your application is told of events, signed, and again until it has taken them."
      >
        <button type="button" class="primary" onClick={() => edit('new')}>
          <Plus size={16} aria-hidden="true" />
          New webhook
        </button>
      </PageHead>
      <Table
        caption="Webhooks"
        columns={['Address', 'State', 'Events', '']}
        pages={hooks}
        empty={
          <Empty icon={WebhookIcon} title="No webhook yet.">
            With one, your application need not ask: it is called when a session begins or ends.
          </Empty>
        }
        row={(hook) => (
          <WebhookRow key={hook.id} hook={hook} onChange={hooks.reload} onEdit={() => edit(hook)} />
        )}
      />
      <PageTurner pages={hooks} />
      {edited && (
        <WebhookDialog
          {...(edited === 'new' ? {} : { hook: edited })}
          onClose={() => edit(undefined)}
          onSaved={onSaved}
        />
      )}
      {made && (
        <SecretDialog
          title="The webhook’s secret"
          secret={made.secret}
          onClose={() => setMade(undefined)}
        >
          Your application checks signatures with it.
        </SecretDialog>
      )}
    </>
  );
};
