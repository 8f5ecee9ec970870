// A form in front of the page: it waits for the answer, and says what went wrong.
import type { ComponentChildren } from 'preact';
import { useDeed } from './deed';
import { Dialog } from './dialog';
import { ErrorNote } from './parts';

interface FormDialogProps {
  title: string;
  /** On the button that sends the form. */
  action: string;
  /** False: what the form holds is not enough yet. */
  isReady?: boolean;
  onClose: () => void;
  /** Sends what stands in the form, and closes it; the key is for a POST. */
  send: (key: string, form: FormData) => Promise<void>;
  children: ComponentChildren;
}

export const FormDialog = ({
  title,
  action,
  isReady = true,
  onClose,
  send,
  children,
}: FormDialogProps) => {
  const { isBusy, fault, start } = useDeed(send);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void start(new FormData(event.currentTarget as HTMLFormElement));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" aria-busy={isBusy} onSubmit={submit}>
        {children}
        {fault && <ErrorNote error={fault} />}
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isBusy || !isReady}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
