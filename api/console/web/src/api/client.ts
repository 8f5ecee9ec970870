// Requests to the public API of the node that served the page.
import { account, project, signOut } from './account';
import type { ApiErrorBody, Token } from './types';

const BASE = '/api/v1';
const ANSWER_MS = 30_000;

/** What the API refused, or that it could not be asked (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param = '',
    /** By which the node's log knows it; empty where it was not asked. */
    readonly requestId = '',
  ) {
    super(message);
  }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** Of a POST: what is sent again under the same one is done once (Idempotency-Key). */
  key?: string;
  signal?: AbortSignal;
}

const errorOf = async (response: Response): Promise<ApiError> => {
  try {
    const { error } = (await response.json()) as ApiErrorBody;
    return new ApiError(response.status, error.code, error.message, error.param, error.request_id);
  } catch {
    return new ApiError(response.status, 'unknown', `The answer was ${response.status}.`);
  }
};

const headersFor = (token: string, body: unknown): HeadersInit => ({
  authorization: `Bearer ${token}`,
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(project.value === '' ? {} : { 'x-project': project.value }),
});

const send = async (token: string, path: string, { method = 'GET', body, key, signal }: Call) => {
  const signals = [AbortSignal.timeout(ANSWER_MS), ...(signal ? [signal] : [])];
  try {
    return await fetch(BASE + path, {
      method,
      headers: { ...headersFor(token, body), ...(key ? { 'idempotency-key': key } : {}) },
      body: body === undefined ? null : JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      signal: AbortSignal.any(signals),
    });
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new ApiError(
      0,
      'unreachable',
      'The node does not answer. Is it running, and is the network up?',
    );
  }
};

/** One request with the token of whoever is signed in; a token that no longer counts signs out. */
export const api = async <Answer>(path: string, call: Call = {}): Promise<Answer> => {
  const token = account.value?.token ?? '';
  const response = await send(token, path, call);
  if (response.status === 401) {
    signOut('Your token is no longer valid: it has expired or was revoked.');
  }
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
};

/** The body of an answer that goes on until the server or the signal ends it. */
export const openStream = async (path: string, signal: AbortSignal) => {
  const headers = headersFor(account.value?.token ?? '', undefined);
  const response = await fetch(BASE + path, {
    headers,
    credentials: 'omit',
    cache: 'no-store',
    signal,
  });
  if (!response.ok || !response.body) throw await errorOf(response);
  return response.body;
};

/** What a token is; throws what the API says when it is not valid. */
export const readToken = async (token: string) => {
  const response = await send(token, '/token', {});
  if (!response.ok) throw await errorOf(response);
  return (await response.json()) as Token;
};

/** A path with its query; what is empty or absent is left out. */
export const withQuery = (path: string, query: Record<string, string | number | undefined | null>) => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
};
