/** What a token may be allowed to do, in the API's order. */
export const SCOPES = [
  { name: 'ice:issue', meaning: 'issue credentials' },
  { name: 'ice:revoke', meaning: 'revoke credentials' },
  { name: 'sessions:read', meaning: 'see sessions, rooms and clients' },
  { name: 'sessions:kill', meaning: 'end sessions' },
  { name: 'usage:read', meaning: 'see what was used' },
  { name: 'tokens:admin', meaning: 'create and revoke tokens' },
  { name: 'projects:admin', meaning: 'change projects' },
  { name: 'regions:admin', meaning: 'drain regions' },
  { name: 'stats:read', meaning: 'see live figures' },
  { name: 'audit:read', meaning: 'read the audit log' },
  { name: 'webhooks:admin', meaning: 'change webhooks' },
] as const;
