import { words } from './format';

/** Why somebody was refused, by the API's codes and by STUN's, as a person would say it. */
const REASONS: Record<string, string> = {
  unauthorized: 'API: no valid token',
  forbidden: 'API: the token may not',
  field_invalid: 'API: a field is invalid',
  unknown_region: 'API: no such region',
  region_unavailable: 'API: region takes no sessions',
  rate_limited: 'API: too many requests',
  '400': 'Relay: malformed',
  '401': 'Relay: first request, or wrong credentials',
  '403': 'Relay: peer not allowed',
  '437': 'Relay: no such allocation',
  '438': 'Relay: nonce too old',
  '441': 'Relay: not its credentials',
  '486': 'Relay: quota reached',
  '508': 'Relay: no capacity',
};

export const refusal = (reason: string) =>
  REASONS[reason] ?? (/^\d+$/.test(reason) ? `Relay: error ${reason}` : words(reason));
