// Where a place is on the map: Natural Earth's projection, with the scale of land_outline.mjs.
import { geoNaturalEarth1Raw } from 'd3-geo';

export const MAP_WIDTH = 960;
export const MAP_HEIGHT = 445;
const SCALE = 175;
const CENTRE = { x: 480, y: 260 };
const RADIANS = Math.PI / 180;

export const placeOnMap = ({ lat, lon }: { lat: number; lon: number }) => {
  const [x, y] = geoNaturalEarth1Raw(lon * RADIANS, lat * RADIANS);
  return { x: CENTRE.x + SCALE * x, y: CENTRE.y - SCALE * y };
};
