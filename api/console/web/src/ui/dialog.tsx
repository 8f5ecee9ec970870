// Questions in front of the page, by the browser's own dialog: focus stays inside, Escape closes, and
// whatever ends it gives the focus back.
import { X } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useDeed } from './deed';
import { ErrorNote } from './parts';

export const Dialog = (props: { title: string; onClose: () => void; children: ComponentChildren }) => {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = element.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onClose={props.onClose}>
      <div class="card-head">
        <h2 id={id}>{props.title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close"
          onClick={() => element.current?.close()}
        >
          <X size={18} aria-hidden="true" />
        </button>
      </div>
      {props.children}
    </dialog>
  );
};

interface ConfirmProps {
  /** On the button that opens the question and on the one that answers it. */
  action: string;
  title: string;
  children: ComponentChildren;
  run: () => Promise<unknown>;
  small?: boolean;
  label?: string;
}

/** A button for what cannot be undone: it asks first, and says what went wrong. */
export const ConfirmButton = ({ action, title, children, run, small, label }: ConfirmProps) => {
  const [isOpen, setOpen] = useState(false);
  const { isBusy, fault, start } = useDeed(run);
  const confirm = async () => {
    if (await start()) setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        class={`danger ${small ? 'small' : ''}`}
        aria-label={label}
        onClick={() => setOpen(true)}
      >
        {action}
      </button>
      {isOpen && (
        <Dialog title={title} onClose={() => setOpen(false)}>
          <div class="dialog-text">{children}</div>
          {fault && <ErrorNote error={fault} />}
          <div class="dialog-actions">
            <button type="button" onClick={() => setOpen(false)}>
              Keep it
            </button>
            <button type="button" class="danger solid" disabled={isBusy} onClick={confirm}>
              {action}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
};
