import { words } from './format';

/** Why a session ended, as a person would say it. */
const REASONS: Record<string, string> = {
  client_released: 'Client hung up',
  lifetime_expired: 'Client went silent',
  connection_closed: 'Connection closed',
  credential_ended: 'Credential expired',
  revoked: 'Credential revoked',
  terminated: 'Ended by hand',
  shutdown: 'Node stopped',
  relay_failed: 'Relay failed',
};

export const endReason = (name: string) => REASONS[name] ?? words(name);
