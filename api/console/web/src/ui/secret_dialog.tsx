// A secret that the API shows once.
import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog';
import { CopyButton } from './parts';

interface SecretProps {
  title: string;
  secret: string;
  onClose: () => void;
  children?: ComponentChildren;
}

export const SecretDialog = ({ title, secret, onClose, children }: SecretProps) => (
  <Dialog title={title} onClose={onClose}>
    <div class="dialog-text">
      <p>This is the only time that the secret is shown. Copy it to where it is needed. {children}</p>
      <p class="secret">
        <code>{secret}</code>
        <CopyButton text={secret} label="Copy the secret" />
      </p>
    </div>
    <div class="dialog-actions">
      <button type="button" class="primary" onClick={onClose}>
        I have it
      </button>
    </div>
  </Dialog>
);
