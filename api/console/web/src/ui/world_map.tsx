// The world with the regions on it. Decoration for who cannot see it: the list beside it says the same.
import { borders, land } from 'land-outline';
import type { Region, RegionLink } from '../api/types';
import { MAP_HEIGHT, MAP_WIDTH, placeOnMap, wayOnMap } from './projection';

export type RegionState = 'good' | 'warn' | 'bad';

type Standing = Pick<Region, 'is_online' | 'is_operational'>;

export const stateOf = (region: Standing): { tone: RegionState; word: string } => {
  if (region.is_operational) return { tone: 'good', word: 'Operational' };
  if (region.is_online) return { tone: 'warn', word: 'Takes no new sessions' };
  return { tone: 'bad', word: 'Offline' };
};

interface WaysProps {
  regions: Region[];
  links: RegionLink[];
  chosen: string;
}

const Ways = ({ regions, links, chosen }: WaysProps) => (
  <>
    {links.map(({ from, to }) => {
      const ends = [from, to].map((slug) => regions.find((region) => region.slug === slug));
      return (
        ends[0] &&
        ends[1] && (
          <path
            key={`${from} ${to}`}
            class={`way ${[from, to].includes(chosen) ? 'chosen' : ''}`}
            d={wayOnMap(ends[0], ends[1])}
          />
        )
      );
    })}
  </>
);

interface MapProps extends WaysProps {
  onChoose: (slug: string) => void;
}

export const WorldMap = ({ regions, links, chosen, onChoose }: MapProps) => (
  <svg class="world" viewBox={`0 0 ${MAP_WIDTH} ${MAP_HEIGHT}`} aria-hidden="true">
    <path class="land" d={land} />
    <path class="borders" d={borders} />
    <Ways regions={regions} links={links} chosen={chosen} />
    {regions.map((region) => {
      const { x, y } = placeOnMap(region);
      return (
        <g
          key={region.slug}
          class={`region ${stateOf(region).tone} ${region.slug === chosen ? 'chosen' : ''}`}
          transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}
          onClick={() => onChoose(region.slug)}
        >
          <circle class="halo" r="12" />
          <circle class="spot" r="5" />
          <text y="-16">{region.city}</text>
        </g>
      );
    })}
  </svg>
);
