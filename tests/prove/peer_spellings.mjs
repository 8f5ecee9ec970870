// Addresses that no client may reach, and how an IPv4 address can be written as IPv6.

/** docs/security.md, "Where a client may send": what no configuration opens. */
export const NEVER_ALLOWED = {
  ipv4: ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'],
  ipv6: ['::/128', '::1/128', 'fe80::/10', 'ff00::/8'],
};
/** What is denied unless the configuration allows it. */
export const DENIED = {
  ipv4: [
    '10.0.0.0/8',
    '100.64.0.0/10',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '168.63.129.16/32',
  ],
  ipv6: [
    '100::/8',
    '4000::/2',
    '8000::/1',
    'fc00::/7',
    'fec0::/10',
    '2001::/23',
    '2001:db8::/32',
    '2002::/16',
    '2620:4f:8000::/48',
    '3fff::/20',
  ],
};
export const PUBLIC = { ipv4: '8.8.8.8', ipv6: '2606:4700:4700::1111' };

const BITS = { ipv4: 32n, ipv6: 128n };

const toNumber = (address, family) => {
  if (family === 'ipv4') return address.split('.').reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const all = tail ? [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail] : head;
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
};

const toText = (number, family) => {
  if (family === 'ipv4') return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
  const hex = number.toString(16).padStart(32, '0');
  return hex.match(/.{4}/g).join(':');
};

/** The first and the last address of a range. */
export const endsOf = (range, family) => {
  const [prefix, length] = range.split('/');
  const first = toNumber(prefix, family);
  const last = first | ((1n << (BITS[family] - BigInt(length))) - 1n);
  return [...new Set([first, last])].map((number) => toText(number, family));
};

/** Every IPv6 address that holds an IPv4 address: RFC 4291, 2765, 6052, 8215, 3056, 4380, 5214. */
export const SPELLINGS = {
  compatible: (v4) => v4,
  mapped: (v4) => (0xffffn << 32n) | v4,
  translated: (v4) => (0xffffn << 48n) | v4,
  nat64: (v4) => (0x64ff9bn << 96n) | v4,
  nat64_local: (v4) => (0x64ff9b0001n << 80n) | ((v4 >> 16n) << 64n) | ((v4 & 0xffffn) << 40n),
  six_to_four: (v4) => (0x2002n << 112n) | (v4 << 80n) | 1n,
  teredo: (v4) => (0x200100004136e378800063bfn << 32n) | (v4 ^ 0xffffffffn),
  isatap: (v4) => (0x2a0014500001000102005efen << 32n) | v4,
};

/** An IPv4 address in each of them. */
export const spellingsOf = (address) =>
  Object.values(SPELLINGS).map((spell) => toText(spell(toNumber(address, 'ipv4')), 'ipv6'));
