/** What a webhook may be told of, in the API's order. */
export const WEBHOOK_EVENTS = [
  { name: 'session.started', meaning: 'a client begins to use the relay' },
  { name: 'session.ended', meaning: 'it is done, with all figures' },
  { name: 'credential.revoked', meaning: 'somebody was shut out' },
  { name: 'quota.exceeded', meaning: 'a limit refuses a session or drops packets' },
  { name: 'region.down', meaning: 'none of its nodes lives any more' },
  { name: 'region.up', meaning: 'one does again' },
] as const;
