// The continents and the borders between countries as two SVG paths, from the public-domain outlines of
// Natural Earth, in the projection that src/ui/projection.ts places points with.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { geoNaturalEarth1, geoPath } from 'd3-geo';
import { merge, mesh } from 'topojson-client';

const ANTARCTICA = '010';

export const landOutline = async () => {
  const file = createRequire(import.meta.url).resolve('world-atlas/countries-110m.json');
  const world = JSON.parse(await readFile(file, 'utf8'));
  const { countries } = world.objects;
  const inhabited = countries.geometries.filter(({ id }) => id !== ANTARCTICA);
  const draw = geoPath(geoNaturalEarth1().scale(175).translate([480, 260])).digits(1);
  return {
    land: draw(merge(world, inhabited)),
    borders: draw(mesh(world, countries, (left, right) => left !== right)),
  };
};
