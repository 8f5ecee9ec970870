// The free database of countries that `./dev test` installs.
import { fileURLToPath } from 'node:url';

export const GEOIP_DATABASE = fileURLToPath(
  new URL(
    'node_modules/@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb',
    import.meta.url,
  ),
);
