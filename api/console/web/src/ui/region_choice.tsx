// Where a given address would be sent, and why: the API's own answer, in words and in its order.
import { useState } from 'preact/hooks';
import { withQuery } from '../api/client';
import type { Region, RegionChoice } from '../api/types';
import { useQuery } from '../api/use_query';
import { count } from './format';
import { Badge, Card, ErrorNote } from './parts';
import { stateOf } from './world_map';

const LISTED = 5;

const Outcome = ({ choice, nameOf }: { choice: RegionChoice; nameOf: (slug: string) => string }) => {
  const whose = choice.client ? 'the address' : 'this node, as nothing is known of where the address is';
  return (
    <>
      <p role="status">
        {choice.region ? (
          <>
            <strong>{nameOf(choice.region)}</strong>: the nearest to {whose} of those that take new
            sessions.
          </>
        ) : (
          <strong>No region takes new sessions.</strong>
        )}
      </p>
      <ol class="plain lines">
        {choice.regions.slice(0, LISTED).map((region) => {
          const { tone, word } = stateOf(region);
          return (
            <li key={region.slug}>
              <span class="grow">{nameOf(region.slug)}</span>
              <span class="number quiet">{count(Math.round(region.distance_km))} km</span>
              <Badge tone={tone}>{word}</Badge>
            </li>
          );
        })}
      </ol>
    </>
  );
};

export const RegionChoiceCard = ({ regions }: { regions: Region[] }) => {
  const [text, setText] = useState('');
  const [address, setAddress] = useState<string>();
  const asked = address === undefined ? null : withQuery('/regions/explain', { client_ip: address });
  const { data, error } = useQuery<RegionChoice>(asked);
  const nameOf = (slug: string) => regions.find((each) => each.slug === slug)?.name ?? slug;
  const submit = (event: Event) => {
    event.preventDefault();
    setAddress(text.trim());
  };
  return (
    <Card title="Where would a client be sent?">
      <form class="actions" onSubmit={submit}>
        <label class="inline">
          <span>Its address; yours if empty</span>
          <input
            maxLength={45}
            placeholder="203.0.113.7"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Explain</button>
      </form>
      <div class="stack explained">
        {error && <ErrorNote error={error} />}
        {data && <Outcome choice={data} nameOf={nameOf} />}
      </div>
    </Card>
  );
};
