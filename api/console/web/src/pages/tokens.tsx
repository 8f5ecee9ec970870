// Who may call the API.
import { KeyRound, Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { account, may } from '../api/account';
import { api } from '../api/client';
import { SCOPES } from '../api/scopes';
import type { CreatedToken, Token } from '../api/types';
import { usePages } from '../api/use_pages';
import { ConfirmButton } from '../ui/dialog';
import { FormDialog } from '../ui/form_dialog';
import { Badge, Empty, Moment, PageHead, type Tone } from '../ui/parts';
import { SecretDialog } from '../ui/secret_dialog';
import { PageTurner, Table } from '../ui/table';

const stateOf = (token: Token): { tone: Tone; word: string } => {
  if (token.revoked_at) return { tone: 'bad', word: 'Revoked' };
  if (token.expires_at && Date.parse(token.expires_at) < Date.now())
    return { tone: 'quiet', word: 'Expired' };
  return { tone: 'good', word: 'Valid' };
};

const ScopeChoice = ({ chosen, choose }: { chosen: string[]; choose: (scopes: string[]) => void }) => (
  <fieldset>
    <legend>What it may do</legend>
    {SCOPES.filter(({ name }) => may(name)).map(({ name, meaning }) => (
      <label key={name} class="check">
        <input
          type="checkbox"
          checked={chosen.includes(name)}
          onChange={(event) =>
            choose(
              event.currentTarget.checked ? [...chosen, name] : chosen.filter((each) => each !== name),
            )
          }
        />
        <span>
          <code>{name}</code> <span class="quiet">{meaning}</span>
        </span>
      </label>
    ))}
  </fieldset>
);

const DAY_MS = 86_400_000;

const CreateDialog = (props: { onClose: () => void; onMade: (made: CreatedToken) => void }) => {
  const [opened] = useState(Date.now);
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(['ice:issue']);
  const [days, setDays] = useState('');
  const [reach, setReach] = useState<Token['reach']>('project');
  const send = async (key: string) => {
    // From the same form comes the same body, however often it is sent.
    const expires_at = days === '' ? null : new Date(opened + Number(days) * DAY_MS).toISOString();
    const body = { name, scopes, reach, expires_at };
    props.onMade(await api<CreatedToken>('/tokens', { method: 'POST', body, key }));
  };
  return (
    <FormDialog
      title="New token"
      action="Create"
      isReady={name !== '' && scopes.length > 0}
      onClose={props.onClose}
      send={send}
    >
      <label>
        <span>Name</span>
        <input
          required
          maxLength={100}
          placeholder="backend"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>Expires</span>
        <select value={days} onChange={(event) => setDays(event.currentTarget.value)}>
          <option value="">never</option>
          <option value="7">in a week</option>
          <option value="30">in 30 days</option>
          <option value="365">in a year</option>
        </select>
      </label>
      {account.value?.about.reach === 'organisation' && (
        <label>
          <span>For</span>
          <select
            value={reach}
            onChange={(event) => setReach(event.currentTarget.value as Token['reach'])}
          >
            <option value="project">this project</option>
            <option value="organisation">the whole organisation</option>
          </select>
        </label>
      )}
      <ScopeChoice chosen={scopes} choose={setScopes} />
    </FormDialog>
  );
};

const OVERLAPS = { '0': 'not at all', '3600': 'an hour', '86400': 'a day', '604800': 'a week' };

const RotateDialog = (props: {
  token: Token;
  onClose: () => void;
  onMade: (made: CreatedToken) => void;
}) => {
  const [overlap, setOverlap] = useState('3600');
  const send = async (key: string) => {
    const body = { overlap_seconds: Number(overlap) };
    const path = `/tokens/${props.token.id}/rotate`;
    props.onMade(await api<CreatedToken>(path, { method: 'POST', body, key }));
  };
  return (
    <FormDialog
      title={`A new secret for “${props.token.name}”`}
      action="Make a new secret"
      onClose={props.onClose}
      send={send}
    >
      <p>Deploy the new secret while the old one still works.</p>
      <label>
        <span>The old one works for</span>
        <select value={overlap} onChange={(event) => setOverlap(event.currentTarget.value)}>
          {Object.entries(OVERLAPS).map(([seconds, text]) => (
            <option key={seconds} value={seconds}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </FormDialog>
  );
};

interface RowProps {
  token: Token;
  onChange: () => void;
  onRotate: () => void;
}

const TokenRow = ({ token, onChange, onRotate }: RowProps) => {
  const { tone, word } = stateOf(token);
  const revoke = async () => {
    await api(`/tokens/${token.id}`, { method: 'DELETE' });
    onChange();
  };
  return (
    <tr>
      <td data-name="Name">
        <strong>{token.name}</strong>
        <span class="below mono quiet">{token.id.slice(0, 8)}</span>
      </td>
      <td data-name="State">
        <Badge tone={tone}>{word}</Badge>
      </td>
      <td data-name="May">
        <span class="chips">
          {token.scopes.map((scope) => (
            <code key={scope} class="chip">
              {scope}
            </code>
          ))}
        </span>
      </td>
      <td data-name="For">{token.project ?? 'whole organisation'}</td>
      <td data-name="Last used">
        <Moment at={token.last_used_at} none="never" />
      </td>
      <td data-name="Expires">
        <Moment at={token.expires_at} none="never" />
      </td>
      <td class="end">
        {word === 'Valid' && (
          <span class="row-actions">
            <button type="button" class="small" aria-label={`Rotate ${token.name}`} onClick={onRotate}>
              Rotate
            </button>
            <ConfirmButton
              small
              action="Revoke"
              label={`Revoke ${token.name}`}
              title={`Revoke “${token.name}”?`}
              run={revoke}
            >
              <p>Who uses it is refused from the next request on. It cannot be undone.</p>
              <p>Credentials that it has issued go on until they expire.</p>
            </ConfirmButton>
          </span>
        )}
      </td>
    </tr>
  );
};

export const TokensPage = () => {
  const tokens = usePages<Token>('/tokens');
  const [isCreating, setCreating] = useState(false);
  const [rotating, setRotating] = useState<Token>();
  const [made, setMade] = useState<CreatedToken>();
  const onMade = (token: CreatedToken) => {
    setCreating(false);
    setRotating(undefined);
    setMade(token);
    tokens.reload();
  };
  return (
    <>
      <PageHead
        title="Tokens"
        lead="Who may call the API. A backend that asks for credentials needs ice:issue only."
      >
        <button type="button" class="primary" onClick={() => setCreating(true)}>
          <Plus size={16} aria-hidden="true" />
          New token
        </button>
      </PageHead>
      <Table
        caption="Tokens"
        columns={['Name', 'State', 'May', 'For', 'Last used', 'Expires', '']}
        pages={tokens}
        empty={<Empty icon={KeyRound} title="No token yet." />}
        row={(token) => (
          <TokenRow
            key={token.id}
            token={token}
            onChange={tokens.reload}
            onRotate={() => setRotating(token)}
          />
        )}
      />
      <PageTurner pages={tokens} />
      {isCreating && <CreateDialog onClose={() => setCreating(false)} onMade={onMade} />}
      {rotating && (
        <RotateDialog token={rotating} onClose={() => setRotating(undefined)} onMade={onMade} />
      )}
      {made && (
        <SecretDialog
          title={`Token “${made.name}”`}
          secret={made.token}
          onClose={() => setMade(undefined)}
        />
      )}
    </>
  );
};
