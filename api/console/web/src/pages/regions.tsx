// Where the relays are.
import { Globe } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { account, may } from '../api/account';
import { api } from '../api/client';
import type { Region } from '../api/types';
import { useQuery } from '../api/use_query';
import { ActionButton } from '../ui/action_button';
import { ConfirmButton } from '../ui/dialog';
import { cityAndCountry } from '../ui/format';
import { Badge, Card, Empty, ErrorNote, PageHead, Waiting } from '../ui/parts';
import { RegionChoiceCard } from '../ui/region_choice';
import { stateOf, WorldMap } from '../ui/world_map';

const REFRESH_MS = 5_000;

const DrainButton = ({ region, onChange }: { region: Region; onChange: () => void }) => {
  const change = async (is_operational: boolean) => {
    await api(`/regions/${region.slug}`, { method: 'PATCH', body: { is_operational } });
    onChange();
  };
  return region.is_operational ? (
    <ConfirmButton
      small
      action="Drain"
      label={`Drain ${region.name}`}
      title={`Drain ${region.name}?`}
      run={() => change(false)}
    >
      <p>New calls go to other regions, and new sessions are refused here. Those that live go on.</p>
    </ConfirmButton>
  ) : (
    <ActionButton action="Take back" to={region.name} run={() => change(true)} />
  );
};

/** Regions are the operator's, not a project's. */
const mayDrain = () => account.value?.about.reach === 'organisation' && may('regions:admin');

interface RowProps {
  region: Region;
  isChosen: boolean;
  onChoose: () => void;
  onChange: () => void;
}

const RegionRow = (props: RowProps) => {
  const { region } = props;
  const { tone, word } = stateOf(region);
  return (
    <li class="region-line">
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
      {region.is_online && mayDrain() && <DrainButton region={region} onChange={props.onChange} />}
    </li>
  );
};

const Loaded = ({ regions, onChange }: { regions: Region[]; onChange: () => void }) => {
  const [chosen, choose] = useState('');
  if (regions.length === 0) {
    return <Empty icon={Globe} title="No region yet." />;
  }
  return (
    <>
      <Card class="map-card">
        <WorldMap regions={regions} chosen={chosen} onChoose={choose} />
      </Card>
      <RegionChoiceCard regions={regions} />
      <Card title="All regions">
        <ul class="plain rows">
          {regions.map((region) => (
            <RegionRow
              key={region.slug}
              region={region}
              isChosen={region.slug === chosen}
              onChoose={() => choose(region.slug)}
              onChange={onChange}
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
      {data ? <Loaded regions={data} onChange={reload} /> : !error && <Waiting />}
    </>
  );
};
