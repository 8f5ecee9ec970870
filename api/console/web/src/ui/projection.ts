// Where places and the ways between them are on the map: Natural Earth's projection, scaled as in
// land_outline.mjs.
import { geoNaturalEarth1, geoPath } from 'd3-geo';

export const MAP_WIDTH = 960;
export const MAP_HEIGHT = 445;
const projection = geoNaturalEarth1().scale(175).translate([480, 260]);
const path = geoPath(projection);

interface Place {
  lat: number;
  lon: number;
}

export const placeOnMap = ({ lat, lon }: Place) => {
  const [x, y] = projection([lon, lat])!;
  return { x, y };
};

/** The shortest way over the globe, as what <path> draws. */
export const wayOnMap = (from: Place, to: Place) =>
  path({
    type: 'LineString',
    coordinates: [
      [from.lon, from.lat],
      [to.lon, to.lat],
    ],
  }) ?? '';
