// What the API says, as far as the console looks at it. The whole of it is in api/openapi.yaml.

export interface ApiErrorBody {
  error: { code: string; message: string; param?: string; request_id: string };
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
  /** Regions that have not answered, of a list that several nodes have parts of. */
  partial?: string[];
}

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export interface IceCredentials {
  iceServers: IceServer[];
  expiresAt: string;
  ttl: number;
  region: string;
  credential_id: string;
}

export interface Region {
  slug: string;
  nat2: string;
  city: string;
  name: string;
  lat: number;
  lon: number;
  is_online: boolean;
  is_operational: boolean;
}

export interface RegionStanding {
  slug: string;
  state: 'operational' | 'draining' | 'full' | 'offline';
  /** The share of their sessions that its nodes have; null where nothing is heard of them. */
  load: number | null;
  nodes: number;
  nodes_online: number;
}

export interface RegionLink {
  from: string;
  to: string;
  round_trip_ms: number;
}

/** How the regions stand and how far apart they are, as the node that is asked knows it. */
export interface RegionLinks {
  region: string;
  /** The node reaches a minority only, and may be wrong about the others. */
  stale: boolean;
  regions: RegionStanding[];
  links: RegionLink[];
}

/** Where a caller would be sent; the regions in the order of choice. */
export interface RegionChoice {
  client: { lat: number; lon: number } | null;
  region: string | null;
  regions: { slug: string; is_online: boolean; is_operational: boolean; distance_km: number }[];
}

export interface Token {
  id: string;
  name: string;
  reach: 'project' | 'organisation';
  project: string | null;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  previous_secret_ends_at: string | null;
}

export interface CreatedToken extends Token {
  token: string;
}

export interface Traffic {
  uplink_packets: number;
  uplink_bytes: number;
  downlink_packets: number;
  downlink_bytes: number;
}

export interface Session {
  id: string;
  room: string | null;
  initiator_client: string | null;
  receiver_client: string | null;
  credential_id: string | null;
  region: string | null;
  transport: string;
  client_address: string;
  server_address: string;
  relayed_address: string;
  started_at: string;
  last_activity_at: string;
  state: 'live' | 'ended';
  ended_at: string | null;
  end_reason: string | null;
  peers: string[];
  traffic: Traffic;
  links: { room: string | null; client: string | null; session: string | null };
}

export interface SessionSample {
  sequence: number;
  at: string;
  traffic: Traffic;
}

/** A room or a client, as far as it is in a call now. */
export interface LiveGroup {
  room?: string;
  client?: string;
  live: {
    sessions: number;
    clients?: string[];
    rooms?: string[];
    started_at: string | null;
    last_activity_at: string | null;
    traffic: Traffic;
  };
  link: string | null;
  total?: { sessions: number; first_started_at: string | null; traffic: Traffic };
}

export interface UsageRow {
  hour?: string;
  day?: string;
  room?: string | null;
  client?: string | null;
  region?: string | null;
  sessions: number;
  traffic: Traffic;
}

/** Rates over one interval, of a project or of a node. */
export interface Figures {
  live_sessions: number;
  uplink_bps: number;
  downlink_bps: number;
  issued_per_s: number;
  refused_per_s: Record<string, number>;
  sessions_max?: number;
}

export interface Sample extends Figures {
  at: string;
  interval_s: number;
  /** For who may see the whole node. */
  node: (Figures & { draining: boolean }) | null;
}

export interface Stats {
  items: Sample[];
  /** Whose figures these are. */
  nodes: number;
  partial: string[];
}

export interface ProjectSettings {
  default_ttl_s: number | null;
  max_ttl_s: number | null;
  max_session_s: number | null;
  quotas: {
    max_allocations: number | null;
    max_bitrate_bps: number | null;
    max_packets_per_second: number | null;
    max_bytes_per_day: number | null;
    max_sessions_per_second: number | null;
  };
  limits: {
    max_allocations: number | null;
    max_bitrate_bps: number | null;
    max_packets_per_second: number | null;
    max_bytes: number | null;
  };
  peer_scope: 'any' | 'room' | 'relays' | null;
  on_expiry: 'keep' | 'disconnect' | null;
  retention_days: number | null;
  links: { room: string | null; client: string | null; session: string | null };
}

export interface Project {
  id: string;
  slug: string;
  created_at: string;
  settings: ProjectSettings;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  action: string;
  target: string;
  project: string | null;
  client: string | null;
  request_id: string;
  status: number;
}

export interface Webhook {
  id: string;
  url: string;
  events: string[];
  enabled: boolean;
  created_at: string;
}

export interface CreatedWebhook extends Webhook {
  secret: string;
}

export interface Delivery {
  id: string;
  event_id: string;
  event: string;
  state: 'pending' | 'delivered' | 'dead';
  created_at: string;
  attempts: number;
  next_attempt_at: string | null;
  delivered_at: string | null;
  last_status: number | null;
  last_error: string | null;
}

export interface Organisation {
  id: string;
  name: string;
  default_project: string;
}
