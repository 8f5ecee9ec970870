// Where the relays are.
import { Globe } from 'lucide-preact';
import { useState } from 'preact/hooks';
import type { Region } from '../api/types';
import { useQuery } from '../api/use_query';
import { cityAndCountry } from '../ui/format';
import { Badge, Card, Empty, ErrorNote, PageHead, Waiting } from '../ui/parts';
import { stateOf, WorldMap } from '../ui/world_map';

const REFRESH_MS = 5_000;

const RegionRow = (props: { region: Region; isChosen: boolean; onChoose: () => void }) => {
  const { region } = props;
  const { tone, word } = stateOf(region);
  return (
    <li>
      <button
        type="button"
        class="region-row"
        aria-pressed={props.isChosen}
        onClick={props.onChoose}
        data-region={region.slug}
      >
        <span class="region-name">
          <strong>{region.name}</strong>
          <span class="quiet">{cityAndCountry(region)}</span>
        </span>
        <code>{region.slug}</code>
        <Badge tone={tone}>{word}</Badge>
      </button>
    </li>
  );
};

const Loaded = ({ regions }: { regions: Region[] }) => {
  const [chosen, choose] = useState('');
  if (regions.length === 0) {
    return <Empty icon={Globe} title="No region yet." />;
  }
  return (
    <>
      <Card class="map-card">
        <WorldMap regions={regions} chosen={chosen} onChoose={choose} />
      </Card>
      <Card title="All regions">
        <ul class="plain rows">
          {regions.map((region) => (
            <RegionRow
              key={region.slug}
              region={region}
              isChosen={region.slug === chosen}
              onChoose={() => choose(region.slug)}
            />
          ))}
        </ul>
      </Card>
    </>
  );
};

export const RegionsPage = () => {
  const { data, error, reload } = useQuery<Region[]>('/regions', REFRESH_MS);
  return (
    <>
      <PageHead title="Regions" lead="Where the relays are, and which of them take new sessions." />
      {error && <ErrorNote error={error} retry={reload} />}
      {data ? <Loaded regions={data} /> : !error && <Waiting />}
    </>
  );
};
