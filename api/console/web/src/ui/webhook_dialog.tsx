// Where a webhook's messages go and of which events: for a new one, and for one that is changed.
import { api } from '../api/client';
import type { CreatedWebhook, Webhook } from '../api/types';
import { WEBHOOK_EVENTS } from '../api/webhook_events';
import { FormDialog } from './form_dialog';

interface WebhookDialogProps {
  /** None: a new one. */
  hook?: Webhook;
  onClose: () => void;
  onSaved: (saved: Webhook | CreatedWebhook) => void;
}

export const WebhookDialog = ({ hook, onClose, onSaved }: WebhookDialogProps) => {
  const send = async (key: string, form: FormData) => {
    const body = { url: form.get('url'), events: form.getAll('events') };
    onSaved(
      hook
        ? await api<Webhook>(`/webhooks/${hook.id}`, { method: 'PATCH', body })
        : await api<CreatedWebhook>('/webhooks', { method: 'POST', body, key }),
    );
  };
  return (
    <FormDialog
      title={hook ? 'Change the webhook' : 'New webhook'}
      action={hook ? 'Save' : 'Create'}
      onClose={onClose}
      send={send}
    >
      <label>
        <span>Address</span>
        <input
          type="url"
          name="url"
          required
          maxLength={2000}
          defaultValue={hook?.url}
          placeholder="https://app.example/hooks/turnixd"
        />
      </label>
      <fieldset>
        <legend>Tell it of</legend>
        {WEBHOOK_EVENTS.map(({ name, meaning }) => (
          <label key={name} class="check">
            <input
              type="checkbox"
              name="events"
              value={name}
              defaultChecked={hook ? hook.events.includes(name) : true}
            />
            <span>
              <code>{name}</code> <span class="quiet">{meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
    </FormDialog>
  );
};
