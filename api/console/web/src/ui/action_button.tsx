// A button for what is done at once and can be undone: it waits for the answer, and says what went wrong.
import { useState } from 'preact/hooks';
import { Dialog } from './dialog';
import { ErrorNote } from './parts';

interface ActionProps {
  action: string;
  /** What it is done to, for who hears the button without its row. */
  to: string;
  run: () => Promise<unknown>;
}

export const ActionButton = ({ action, to, run }: ActionProps) => {
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Error>();
  const act = async () => {
    setBusy(true);
    try {
      await run();
    } catch (thrown) {
      setFault(thrown as Error);
    }
    setBusy(false);
  };
  return (
    <>
      <button
        type="button"
        class="small"
        aria-label={`${action} ${to}`}
        disabled={isBusy}
        onClick={act}
      >
        {action}
      </button>
      {fault && (
        <Dialog title="It was not done" onClose={() => setFault(undefined)}>
          <ErrorNote error={fault} />
        </Dialog>
      )}
    </>
  );
};
