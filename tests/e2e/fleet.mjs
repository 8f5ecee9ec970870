// Several daemons in regions of their own, on this machine.
import dgram from 'node:dgram';
import { copyFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { initialise, runDaemon } from './daemon.mjs';

const bound = (socket, listen) =>
  new Promise((resolve, reject) => {
    socket.on('error', reject);
    listen(() => resolve(socket));
  });
const closed = (socket) => new Promise((resolve) => socket.close(resolve));

/** A port of the loopback address that is free now, for UDP and for TCP. */
export const freePort = async () => {
  for (;;) {
    const udp = dgram.createSocket('udp4');
    await bound(udp, (done) => udp.bind(0, '127.0.0.1', done));
    const { port } = udp.address();
    const tcp = net.createServer();
    const isFree = await bound(tcp, (done) => tcp.listen(port, '127.0.0.1', done)).catch(() => null);
    await Promise.all([closed(udp), isFree && closed(tcp)]);
    if (isFree) return port;
  }
};

/** JSON is YAML. */
const regionsText = (nodes) =>
  JSON.stringify({
    regions: nodes.map(({ region, gossip, home }, index) => ({
      slug: region,
      country: 'DE',
      city: region,
      name: region,
      lat: 10 * index,
      lon: 0,
      nodes: [{ host: '127.0.0.1', udp: 1, gossip, public_key: home.public_key }],
    })),
  });

/** Writes down for a node which nodes there are. */
export const writeRegions = ({ home }, nodes) =>
  writeFile(path.join(home.directory, 'regions.yaml'), regionsText(nodes));

const keysOf = ({ home }) => path.join(home.directory, 'keys.json');

/**
 * One node for each region, which know each other and have one key ring: {region, gossip, home}. Those that
 * join have no organisation of their own, and the first one's token.
 */
export const initialiseFleet = async (suite, regions, { join = false } = {}) => {
  const nodes = [];
  for (const region of regions) {
    const options = join && nodes.length > 0 ? ['--join', keysOf(nodes[0])] : [];
    const home = await initialise(suite, ...options);
    home.token ??= nodes[0].home.token;
    nodes.push({ region, gossip: `127.0.0.1:${await freePort()}`, home });
  }
  for (const node of nodes) {
    if (node !== nodes[0]) await copyFile(keysOf(nodes[0]), keysOf(node));
    await writeRegions(node, nodes);
  }
  return nodes;
};

/** From `node.daemon` on it can be asked. */
export const startNode = async (suite, node, settings = {}) => {
  node.daemon = await runDaemon(suite, node.home, {
    'node.region': node.region,
    'node.gossip_address': node.gossip,
    'api.webhooks.allow_private_targets': true,
    ...settings,
  });
};
