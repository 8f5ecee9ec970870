// How far apart the regions are for datagrams, nearest first.
import type { Region, RegionLink } from '../api/types';
import { milliseconds } from './format';
import { Card } from './parts';

interface RoundTripsProps {
  links: RegionLink[];
  regions: Region[];
}

export const RoundTripsCard = ({ links, regions }: RoundTripsProps) => {
  const nameOf = (slug: string) => regions.find((each) => each.slug === slug)?.name ?? slug;
  return (
    <Card title="Round trips">
      <ul class="plain lines">
        {[...links]
          .sort((one, other) => one.round_trip_ms - other.round_trip_ms)
          .map(({ from, to, round_trip_ms }) => (
            <li key={`${from} ${to}`}>
              <span class="grow">
                {nameOf(from)} – {nameOf(to)}
              </span>
              <span class="number">{milliseconds(round_trip_ms)}</span>
            </li>
          ))}
      </ul>
    </Card>
  );
};
