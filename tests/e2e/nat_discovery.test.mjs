// Another implementation's client, turnutils_natdiscovery, finds out by NAT behaviour discovery (RFC 5780)
// that there is no NAT: each of its tests, asked at each of the four places. It says of the daemon what it
// says of turnserver. Its exit status says nothing.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { runCommand, startDaemon, suiteContext } from './daemon.mjs';
import { freePort } from './turnutils.mjs';

const ADDRESSES = ['127.0.0.1', '127.0.0.2'];
const CLIENT = '127.0.0.1';

/**
 * Of each test: the flag; what its second Binding is answered from and told of as the other place, seen from
 * where the first was sent: [is it the other address, is it the other port]; and what it concludes.
 */
const TESTS = {
  mapping: {
    flag: '-m',
    origin: [1, 0],
    other: [0, 1],
    conclusion: 'NAT with Endpoint Independent Mapping!',
  },
  filtering: {
    flag: '-f',
    origin: [1, 1],
    other: [1, 1],
    conclusion: 'NAT with Endpoint Independent Filtering!',
  },
};

const twoPorts = async () => {
  const port = await freePort();
  for (;;) {
    const other = await freePort();
    if (other !== port) return [port, other];
  }
};

/** What the tool prints of its responses. */
const discover = async (address, port, ...flags) => {
  const { stdout } = await runCommand('turnutils_natdiscovery', [
    ...[...flags, '-L', CLIENT, '-p', port],
    address,
  ]);
  const all = (pattern) => [...stdout.matchAll(pattern)].map(([, found]) => found);
  return {
    bothMappedAddresses: all(/(No ALG: Mapped == XOR-Mapped)/g).length,
    origins: all(/Response origin: : (\S+)/g).slice(1), // the first is printed twice
    others: all(/Other addr: : (\S+)/g),
    conclusions: all(/^(.*Independent (?:Mapping|Filtering).*)$/gm),
    errors: all(/(error|timeout)/gi),
  };
};

describe('RFC 5780 4.3 and 4.4: turnutils_natdiscovery finds no NAT', () => {
  let ports;
  const suite = suiteContext();
  before(async () => {
    ports = await twoPorts();
    await startDaemon(suite, {
      'relay.nat_discovery.primary': `${ADDRESSES[0]}:${ports[0]}`,
      'relay.nat_discovery.alternate': `${ADDRESSES[1]}:${ports[1]}`,
    });
  });

  for (const [name, { flag, origin, other, conclusion }] of Object.entries(TESTS))
    for (const address of [0, 1])
      for (const port of [0, 1])
        test(`${name}, asked at address ${address + 1}, port ${port + 1}`, async () => {
          const place = ([otherAddress, otherPort]) =>
            `${ADDRESSES[address ^ otherAddress]}:${ports[port ^ otherPort]}`;
          assert.deepEqual(await discover(ADDRESSES[address], ports[port], flag), {
            bothMappedAddresses: 2,
            origins: [place([0, 0]), place(origin)],
            others: [place([1, 1]), place(other)],
            conclusions: ['No NAT! (Endpoint Independent Mapping)', conclusion],
            errors: [],
          });
        });

  test('padding is refused, and the tool goes on to no conclusion', async () => {
    const found = await discover(ADDRESSES[0], ports[0], '-m', '-P');
    assert.deepEqual([found.origins, found.conclusions], [[], []]);
  });
});

test('turnutils_natdiscovery finds no second address where none is configured', async (context) => {
  const daemon = await startDaemon(context);
  const found = await discover(CLIENT, daemon.server('udp').port, '-m', '-f');
  assert.deepEqual(found.others, []);
  assert.ok(!found.conclusions.some((each) => each.startsWith('NAT with')));
});
