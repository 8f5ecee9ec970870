// Who may call the API.
import { KeyRound, Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { api } from '../api/client';
import { SCOPES } from '../api/scopes';
import type { CreatedToken, Token } from '../api/types';
import { usePages } from '../api/use_pages';
import { ConfirmButton, Dialog } from '../ui/dialog';
import { Badge, CopyButton, Empty, ErrorNote, Moment, PageHead, type Tone } from '../ui/parts';
import { PageTurner, Table } from '../ui/table';

const stateOf = (token: Token): { tone: Tone; word: string } => {
  if (token.revoked_at) return { tone: 'bad', word: 'Revoked' };
  if (token.expires_at && Date.parse(token.expires_at) < Date.now())
    return { tone: 'quiet', word: 'Expired' };
  return { tone: 'good', word: 'Valid' };
};

const Secret = ({ made, onClose }: { made: CreatedToken; onClose: () => void }) => (
  <Dialog title={`Token “${made.name}”`} onClose={onClose}>
    <div class="dialog-text">
      <p>This is the only time that the secret is shown. Copy it to where it is needed.</p>
      <p class="secret">
        <code>{made.token}</code>
        <CopyButton text={made.token} label="Copy the token" />
      </p>
    </div>
    <div class="dialog-actions">
      <button type="button" class="primary" onClick={onClose}>
        I have it
      </button>
    </div>
  </Dialog>
);

const ScopeChoice = ({ chosen, choose }: { chosen: string[]; choose: (scopes: string[]) => void }) => (
  <fieldset>
    <legend>What it may do</legend>
    {SCOPES.map(({ name, meaning }) => (
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

const CreateDialog = (props: { onClose: () => void; onMade: (made: CreatedToken) => void }) => {
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>(['ice:issue']);
  const [days, setDays] = useState('');
  const [fault, setFault] = useState<Error>();
  const submit = async (event: Event) => {
    event.preventDefault();
    setFault(undefined);
    const expires_at =
      days === '' ? null : new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    try {
      props.onMade(
        await api<CreatedToken>('/tokens', { method: 'POST', body: { name, scopes, expires_at } }),
      );
    } catch (thrown) {
      setFault(thrown as Error);
    }
  };
  return (
    <Dialog title="New token" onClose={props.onClose}>
      <form class="form" onSubmit={submit}>
        {fault && <ErrorNote error={fault} />}
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
        <ScopeChoice chosen={scopes} choose={setScopes} />
        <div class="dialog-actions">
          <button type="button" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={name === '' || scopes.length === 0}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
};

const TokenRow = ({ token, onChange }: { token: Token; onChange: () => void }) => {
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
        )}
      </td>
    </tr>
  );
};

export const TokensPage = () => {
  const tokens = usePages<Token>('/tokens');
  const [isCreating, setCreating] = useState(false);
  const [made, setMade] = useState<CreatedToken>();
  const onMade = (token: CreatedToken) => {
    setCreating(false);
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
        row={(token) => <TokenRow key={token.id} token={token} onChange={tokens.reload} />}
      />
      <PageTurner pages={tokens} />
      {isCreating && <CreateDialog onClose={() => setCreating(false)} onMade={onMade} />}
      {made && <Secret made={made} onClose={() => setMade(undefined)} />}
    </>
  );
};
