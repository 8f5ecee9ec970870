// Where a webhook's messages go and of which events: for a new one, and for one that is changed.
import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { CreatedWebhook, Webhook } from '../api/types';
import { WEBHOOK_EVENTS } from '../api/webhook_events';
import { Dialog } from './dialog';
import { ErrorNote } from './parts';

interface WebhookDialogProps {
  /** None: a new one. */
  hook?: Webhook;
  onClose: () => void;
  onSaved: (saved: Webhook | CreatedWebhook) => void;
}

export const WebhookDialog = ({ hook, onClose, onSaved }: WebhookDialogProps) => {
  const [fault, setFault] = useState<Error>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setFault(undefined);
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const body = { url: form.get('url'), events: form.getAll('events') };
    try {
      onSaved(
        hook
          ? await api<Webhook>(`/webhooks/${hook.id}`, { method: 'PATCH', body })
          : await api<CreatedWebhook>('/webhooks', { method: 'POST', body }),
      );
    } catch (thrown) {
      setFault(thrown as Error);
    }
  };
  return (
    <Dialog title={hook ? 'Change the webhook' : 'New webhook'} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        {fault && <ErrorNote error={fault} />}
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
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary">
            {hook ? 'Save' : 'Create'}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
