// One click: a credential, and a real call over each URL that comes with it.
import { Play, RotateCw, Zap } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { api } from '../api/client';
import type { IceCredentials, Region } from '../api/types';
import { useQuery } from '../api/use_query';
import { testRelay, testStun, unstarted, type RelayResult } from '../try_it/relay_test';
import { readUrl, summary, verdictOn, type IceUrl } from '../try_it/words';
import { cityAndCountry, milliseconds } from '../ui/format';
import { Badge, Card, Empty, ErrorNote, Fact, Facts, Figure, PageHead } from '../ui/parts';

/** The tests run one after the other: each needs the relay for itself to measure it. */
const TTL_S = 120;
const ROOM = 'console-try-it';

interface Row {
  url: string;
  meaning: IceUrl;
  result: RelayResult;
}

interface Run {
  credentials: IceCredentials;
  rows: Row[];
  isOver: boolean;
}

const percent = (share: number) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
const orDash = (value: number | undefined, write: (value: number) => string) =>
  value === undefined ? '–' : write(value);

const Measurements = ({ result }: { result: RelayResult }) => (
  <div class="figures small">
    <Figure name="First candidate" value={orDash(result.firstCandidateMs, milliseconds)} />
    <Figure name="Time to connect" value={orDash(result.connectedMs, milliseconds)} />
    <Figure name="Round trip" value={orDash(result.roundTripMs, milliseconds)} />
    <Figure name="Loss" value={orDash(result.loss, percent)} />
  </div>
);

const Candidates = ({ result }: { result: RelayResult }) => {
  if (result.candidates.length === 0 && result.errors.length === 0) return null;
  return (
    <details>
      <summary>What the browser saw</summary>
      <ul class="plain mono">
        {result.candidates.map((each) => (
          <li key={each.address}>
            {each.type} {each.protocol} {each.address}
          </li>
        ))}
        {result.errors.map((each, index) => (
          <li key={index}>
            error {each.code} {each.text}
          </li>
        ))}
      </ul>
    </details>
  );
};

const UrlCard = ({ row: { url, meaning, result } }: { row: Row }) => {
  const verdict = verdictOn(meaning, result);
  return (
    <li class={`card try-url ${verdict.tone}`} data-url={url} data-tone={verdict.tone}>
      <div class="try-head">
        <span class="transport">{meaning.kind === 'stun' ? 'STUN' : meaning.transport}</span>
        <code>{url}</code>
        <Badge tone={verdict.tone}>{verdict.word}</Badge>
      </div>
      {verdict.text && <p class="try-text">{verdict.text}</p>}
      {meaning.kind === 'relay' && verdict.tone !== 'bad' && <Measurements result={result} />}
      <Candidates result={result} />
    </li>
  );
};

const Summary = ({ run }: { run: Run }) => {
  const verdict = run.isOver
    ? summary(
        run.rows.map(({ meaning, result }) => ({ url: meaning, verdict: verdictOn(meaning, result) })),
      )
    : ({ tone: 'busy', word: 'Testing…', text: 'A few seconds for each way.' } as const);
  return (
    <div class={`try-summary ${verdict.tone}`} role="status" data-tone={verdict.tone}>
      <p class="try-word">{verdict.word}</p>
      <p>{verdict.text}</p>
    </div>
  );
};

const CredentialFacts = ({ made }: { made: IceCredentials }) => (
  <Card title="The credential">
    <Facts>
      <Fact name="Region">{made.region}</Fact>
      <Fact name="Takes new sessions for">{made.ttl} s</Fact>
      <Fact name="Room">
        <code>{ROOM}</code>
      </Fact>
      <Fact name="Id">
        <code class="break">{made.credential_id}</code>
      </Fact>
    </Facts>
  </Card>
);

const rowsOf = (made: IceCredentials): Row[] =>
  made.iceServers
    .flatMap(({ urls }) => urls)
    .map((url) => ({ url, meaning: readUrl(url), result: unstarted() }));

const makeCredential = (region: string) =>
  api<IceCredentials>('/credentials/ice', {
    method: 'POST',
    body: {
      room: ROOM,
      initiator_client: 'console-caller',
      receiver_client: 'console-callee',
      ttl: TTL_S,
      ...(region === '' ? {} : { fixed_region: region }),
    },
  });

export const TryItPage = () => {
  const regions = useQuery<Region[]>('/regions');
  const [region, setRegion] = useState('');
  const [run, setRun] = useState<Run>();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Error>();

  const test = async () => {
    const credentials = await makeCredential(region);
    const rows = rowsOf(credentials);
    const show = (isOver: boolean) => setRun({ credentials, rows: [...rows], isOver });
    show(false);
    for (const [index, row] of rows.entries()) {
      const server = credentials.iceServers.find(({ urls }) => urls.includes(row.url))!;
      const report = (result: RelayResult) => {
        rows[index] = { ...row, result };
        show(false);
      };
      await (row.meaning.kind === 'stun' ? testStun : testRelay)({ ...server, urls: [row.url] }, report);
    }
    show(true);
  };
  const start = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await test();
    } catch (thrown) {
      setFault(thrown as Error);
    }
    setBusy(false);
  };

  return (
    <>
      <PageHead title="Try it" lead="A real WebRTC call from this browser, over each way to the relay.">
        <label class="inline">
          <span>Region</span>
          <select
            value={region}
            disabled={isBusy}
            onChange={(event) => setRegion(event.currentTarget.value)}
          >
            <option value="">The nearest</option>
            {regions.data?.map((each) => (
              <option key={each.slug} value={each.slug}>
                {each.name}, {cityAndCountry(each)}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="primary" disabled={isBusy} onClick={start}>
          {run ? <RotateCw size={16} aria-hidden="true" /> : <Play size={16} aria-hidden="true" />}
          {isBusy ? 'Testing…' : run ? 'Test again' : 'Run the test'}
        </button>
      </PageHead>
      {fault && <ErrorNote error={fault} />}
      {regions.error && !fault && <ErrorNote error={regions.error} retry={regions.reload} />}
      {run ? (
        <>
          <Summary run={run} />
          <ul class="plain stack">
            {run.rows.map((row) => (
              <UrlCard key={row.url} row={row} />
            ))}
          </ul>
          <CredentialFacts made={run.credentials} />
        </>
      ) : (
        <Empty icon={Zap} title="Can a client connect?">
          <p>
            Both ends of the call are in this browser, and may reach each other through the relay only.
            You will see which ways work, how long they take, and what to do about those that do not.
          </p>
        </Empty>
      )}
    </>
  );
};
