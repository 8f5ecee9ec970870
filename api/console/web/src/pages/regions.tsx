// Where the relays are.
import { Globe } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { account, may } from '../api/account';
import { api } from '../api/client';
import type { Region, RegionLinks, RegionStanding } from '../api/types';
import { useQuery } from '../api/use_query';
import { ActionButton } from '../ui/action_button';
import { ConfirmButton } from '../ui/dialog';
import { cityAndCountry } from '../ui/format';
import { Badge, Card, Empty, ErrorNote, PageHead, Waiting } from '../ui/parts';
import { RegionChoiceCard } from '../ui/region_choice';
import { RoundTripsCard } from '../ui/round_trips';
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

/** Regions are the operator's, not a project's; a node drains its own. */
const mayDrain = () => account.value?.about.reach === 'organisation' && may('regions:admin');

/** How full a region is, and how many of its nodes live. */
const Standing = ({ standing }: { standing: RegionStanding | undefined }) => {
  if (!standing || standing.load === null) return null;
  const { load, nodes, nodes_online } = standing;
  const share = `${Math.round(load * 100)} % full`;
  return (
    <span class="region-standing">
      <meter min={0} max={1} value={load} aria-label={share} />
      <span class="quiet">
        {share}
        {nodes > 1 && `, ${nodes_online} of ${nodes} nodes`}
      </span>
    </span>
  );
};

interface RowProps {
  region: Region;
  standing: RegionStanding | undefined;
  isOwn: boolean;
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
        <Standing standing={props.standing} />
        <code>{region.slug}</code>
        <Badge tone={tone}>{word}</Badge>
      </button>
      {props.isOwn && region.is_online && mayDrain() && (
        <DrainButton region={region} onChange={props.onChange} />
      )}
    </li>
  );
};

interface LoadedProps {
  regions: Region[];
  fleet: RegionLinks | undefined;
  onChange: () => void;
}

const Loaded = ({ regions, fleet, onChange }: LoadedProps) => {
  const [chosen, choose] = useState('');
  const links = fleet?.links ?? [];
  if (regions.length === 0) {
    return <Empty icon={Globe} title="No region yet." />;
  }
  return (
    <>
      {fleet?.stale && (
        <p class="note warn" role="status">
          This node reaches only a minority of the fleet. It may be cut off itself, and wrong about the
          others.
        </p>
      )}
      <Card class="map-card">
        <WorldMap regions={regions} links={links} chosen={chosen} onChoose={choose} />
      </Card>
      <RegionChoiceCard regions={regions} />
      <Card title="All regions">
        <ul class="plain rows">
          {regions.map((region) => (
            <RegionRow
              key={region.slug}
              region={region}
              standing={fleet?.regions.find(({ slug }) => slug === region.slug)}
              isOwn={region.slug === fleet?.region}
              isChosen={region.slug === chosen}
              onChoose={() => choose(region.slug)}
              onChange={onChange}
            />
          ))}
        </ul>
      </Card>
      {links.length > 0 && <RoundTripsCard links={links} regions={regions} />}
    </>
  );
};

export const RegionsPage = () => {
  const regions = useQuery<Region[]>('/regions', REFRESH_MS);
  const fleet = useQuery<RegionLinks>('/regions/links', REFRESH_MS);
  const failed = regions.error ? regions : fleet;
  return (
    <>
      <PageHead title="Regions" lead="Where the relays are, and which of them take new sessions." />
      {failed.error && <ErrorNote error={failed.error} retry={failed.reload} />}
      {regions.data ? (
        <Loaded regions={regions.data} fleet={fleet.data} onChange={regions.reload} />
      ) : (
        !regions.error && <Waiting />
      )}
    </>
  );
};
