// What the API says, as far as the console looks at it. The whole of it is in api/openapi.yaml.

export interface ApiErrorBody {
  error: { code: string; message: string; param?: string; request_id: string };
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
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
}

export interface CreatedToken extends Token {
  token: string;
}
