// A button for what is done at once and can be undone: it waits for the answer, and says what went wrong.
import { useDeed } from './deed';
import { Dialog } from './dialog';
import { ErrorNote } from './parts';

interface ActionProps {
  action: string;
  /** What it is done to, for who hears the button without its row. */
  to: string;
  run: (key: string) => Promise<unknown>;
}

export const ActionButton = ({ action, to, run }: ActionProps) => {
  const { isBusy, fault, forget, start } = useDeed(run);
  return (
    <>
      <button
        type="button"
        class="small"
        aria-label={`${action} ${to}`}
        disabled={isBusy}
        onClick={() => start()}
      >
        {action}
      </button>
      {fault && (
        <Dialog title="It was not done" onClose={forget}>
          <ErrorNote error={fault} />
        </Dialog>
      )}
    </>
  );
};
