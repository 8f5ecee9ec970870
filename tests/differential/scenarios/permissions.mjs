// RFC 8656 §9 to §12: permissions, channels, and the data that they let through.
import { ATTRIBUTE } from '../../e2e/stun_message.mjs';
import {
  again,
  allocate,
  bind,
  channelNumber,
  data,
  dontFragment,
  family,
  hears,
  lifetime,
  peer,
  peerSays,
  permit,
  raw,
  refresh,
  say,
  scenarios,
  send,
  udp,
} from '../steps.mjs';

const one = bind(channelNumber(0x4000), peer('one'));
const allocated = ['success', allocate(udp)];
const bound = ['success', one];
const permitted = ['success', permit(peer('one'))];

const permissions = {
  'without an allocation': [['437', permit(peer('one'))]],
  'without a peer': [allocated, ['400', permit()]],
  'a peer of four bytes': [allocated, ['400', permit(raw(ATTRIBUTE.xorPeerAddress, 'xxxx'))]],
  'a peer of no family': [allocated, ['400', permit(raw(ATTRIBUTE.xorPeerAddress, '\0\x09\0\0xxxx'))]],
  'one peer': [allocated, permitted, ['relayed', send('one')]],
  'a peer twice in a request': [allocated, ['success', permit(peer('one'), peer('one'))]],
  'two peers': [allocated, ['success', permit(peer('one'), peer('8.8.8.8 9'))], ['relayed', send('one')]],
  'port 0': [allocated, ['success', permit(peer('127.0.0.1 0'))], ['relayed', send('one')]],
  'any port of the address': [allocated, permitted, ['relayed', send('two')]],
  'the same again': [allocated, permitted, ['success', again()]],
  renewed: [allocated, permitted, permitted, ['relayed', send('one')]],
  'a peer of the other family': [allocated, ['443', permit(peer('six'))]],
  'a peer of the other family, IPv6': [
    ['success', allocate(udp, family(2))],
    ['443', permit(peer('one'))],
    ['success', permit(peer('six'))],
    ['relayed', send('six')],
  ],
  'all or nothing: a peer of the other family': [
    allocated,
    ['443', permit(peer('one'), peer('six'))],
    ['nothing', send('one')],
  ],
  'all or nothing: a denied peer': [
    allocated,
    ['403', permit(peer('one'), peer('10.0.0.1 9'))],
    ['nothing', send('one')],
  ],
  'all or nothing: a malformed peer': [
    allocated,
    ['400', permit(peer('one'), raw(ATTRIBUTE.xorPeerAddress, 'xxxx'))],
    ['nothing', send('one')],
  ],
  'a denied peer': [allocated, ['403', permit(peer('10.0.0.1 9'))]],
  'a private peer': [allocated, ['403', permit(peer('192.168.1.1 9'))]],
  'a link-local peer': [allocated, ['403', permit(peer('169.254.169.254 80'))]],
  'a multicast peer': [allocated, ['403', permit(peer('224.0.0.1 9'))]],
  'the broadcast address': [allocated, ['403', permit(peer('255.255.255.255 9'))]],
  'the unspecified address': [allocated, ['403', permit(peer('0.0.0.0 9'))]],
  'an IPv4-mapped peer': [
    ['success', allocate(udp, family(2))],
    ['403', permit(peer('::ffff:a00:1 9'))],
  ],
  'with LIFETIME': [allocated, ['success', permit(peer('one'), lifetime(1))]],
  'of another client': [
    allocated,
    ['success', allocate(udp).by('b')],
    permitted,
    ['nothing', send('one').by('b')],
  ],
};

const channels = {
  'without an allocation': [['437', one]],
  'with nothing': [allocated, ['400', bind()]],
  'without a peer': [allocated, ['400', bind(channelNumber(0x4000))]],
  'without a number': [allocated, ['400', bind(peer('one'))]],
  'a number of two bytes': [
    allocated,
    ['400', bind(raw(ATTRIBUTE.channelNumber, '\x40\0'), peer('one'))],
  ],
  'number 0': [allocated, ['400', bind(channelNumber(0), peer('one'))]],
  'number 0x3FFF': [allocated, ['400', bind(channelNumber(0x3fff), peer('one'))]],
  'number 0x4000': [allocated, ['success', bind(channelNumber(0x4000), peer('one'))]],
  'number 0x4FFF': [
    allocated,
    ['success', bind(channelNumber(0x4fff), peer('one'))],
    ['relayed', say('one', 0x4fff)],
  ],
  'number 0x5000': [allocated, ['400', bind(channelNumber(0x5000), peer('one'))]],
  'number 0x7FFE': [allocated, ['400', bind(channelNumber(0x7ffe), peer('one'))]],
  'number 0x7FFF': [allocated, ['400', bind(channelNumber(0x7fff), peer('one'))]],
  'number 0xFFFF': [allocated, ['400', bind(channelNumber(0xffff), peer('one'))]],
  'port 0': [allocated, ['400', bind(channelNumber(0x4000), peer('127.0.0.1 0'))]],
  'a malformed peer': [
    allocated,
    ['400', bind(channelNumber(0x4000), raw(ATTRIBUTE.xorPeerAddress, 'xxxx'))],
  ],
  'a peer of the other family': [allocated, ['443', bind(channelNumber(0x4000), peer('six'))]],
  'a denied peer': [allocated, ['403', bind(channelNumber(0x4000), peer('10.0.0.1 9'))]],
  'a multicast peer': [allocated, ['403', bind(channelNumber(0x4000), peer('224.0.0.1 9'))]],
  'the unspecified address': [allocated, ['403', bind(channelNumber(0x4000), peer('0.0.0.0 9'))]],
  'the same again': [allocated, bound, ['success', again()]],
  'the same pair': [allocated, bound, bound],
  'the number to another peer': [
    allocated,
    bound,
    ['400', bind(channelNumber(0x4000), peer('two'))],
    ['relayed', say('one', 0x4000)],
  ],
  'the peer to another number': [
    allocated,
    bound,
    ['400', bind(channelNumber(0x4001), peer('one'))],
    ['nothing', say('one', 0x4001)],
  ],
  'two pairs': [
    allocated,
    bound,
    ['success', bind(channelNumber(0x4001), peer('two'))],
    ['relayed', say('two', 0x4001)],
    ['relayed', say('one', 0x4000)],
  ],
  'is a permission, for every port': [
    allocated,
    bound,
    ['relayed', send('one')],
    ['relayed', send('two')],
  ],
  'goes with its allocation': [
    allocated,
    bound,
    ['success', refresh(lifetime(0))],
    ['nothing', say('one', 0x4000)],
    allocated,
    ['nothing', say('one', 0x4000)],
  ],
  'means nothing to another client': [
    allocated,
    ['success', allocate(udp).by('b')],
    bound,
    ['nothing', say('one', 0x4000).by('b')],
    ['success', one.by('b')],
  ],
  'to an IPv6 peer': [
    ['success', allocate(udp, family(2))],
    ['success', bind(channelNumber(0x4000), peer('six'))],
    ['relayed', say('six', 0x4000)],
    ['ChannelData', peerSays('six')],
  ],
};

const fromClient = {
  'Send without an allocation': [['nothing', send('one')]],
  'Send without a permission': [allocated, ['nothing', send('one')]],
  'Send without DATA': [allocated, permitted, ['nothing', send('one', peer('one'))]],
  'Send without a peer': [allocated, permitted, ['nothing', send('one', data('payload'))]],
  'Send of nothing': [allocated, permitted, ['relayed', send('one', peer('one'), data(''))]],
  'Send to a malformed peer': [
    allocated,
    permitted,
    ['nothing', send('one', raw(ATTRIBUTE.xorPeerAddress, 'xxxx'), data('payload'))],
  ],
  'Send to a peer of the other family': [allocated, permitted, ['nothing', send('six')]],
  'Send with its attributes the other way round': [
    allocated,
    permitted,
    ['relayed', send('one', data('payload'), peer('one'))],
  ],
  'Send with DONT-FRAGMENT': [
    allocated,
    permitted,
    ['relayed', send('one', peer('one'), dontFragment, data('payload'))],
  ],
  'Send of 1200 bytes': [
    allocated,
    permitted,
    ['relayed', send('one', peer('one'), data('x'.repeat(1200)))],
  ],
  'ChannelData without an allocation': [['nothing', say('one', 0x4000)]],
  'ChannelData on no channel': [allocated, permitted, ['nothing', say('one', 0x4000)]],
  'ChannelData, padded': [allocated, bound, ['relayed', say('one', 0x4000, { padding: 1 })]],
  'ChannelData, not padded': [allocated, bound, ['relayed', say('one', 0x4000, { padding: 0 })]],
  'ChannelData, padded too much': [allocated, bound, ['relayed', say('one', 0x4000, { padding: 9 })]],
  'ChannelData of nothing': [
    allocated,
    bound,
    ['relayed', say('one', 0x4000, { payload: '', padding: 0 })],
  ],
  'ChannelData that is shorter than it says': [
    allocated,
    bound,
    ['nothing', say('one', 0x4000, { length: 100, padding: 0 })],
  ],
  'ChannelData that says less than there is': [
    allocated,
    bound,
    ['relayed', say('one', 0x4000, { length: 3, padding: 0 })],
  ],
};

const fromPeer = {
  'without a permission': [allocated, ['nothing', peerSays('one')]],
  'with a permission': [allocated, permitted, ['Data', peerSays('one')]],
  'of nothing': [allocated, permitted, ['Data', peerSays('one', '')]],
  'of 1200 bytes': [allocated, permitted, ['Data', peerSays('one', 'x'.repeat(1200))]],
  'from another port of the address': [allocated, permitted, ['Data', peerSays('two')]],
  'on a channel': [allocated, bound, ['ChannelData', peerSays('one')]],
  'on a channel, of nothing': [allocated, bound, ['ChannelData', peerSays('one', '')]],
  'from another port than the channel’s': [allocated, bound, ['Data', peerSays('two')]],
  'with a permission before the channel': [
    allocated,
    permitted,
    ['Data', peerSays('one')],
    bound,
    ['ChannelData', peerSays('one')],
  ],
  'from an IPv6 peer': [
    ['success', allocate(udp, family(2))],
    ['success', permit(peer('six'))],
    ['Data', peerSays('six')],
  ],
  'after the end': [
    allocated,
    permitted,
    ['success', refresh(lifetime(0))],
    ['nothing', peerSays('one')],
  ],
  'ICMP: the port is closed': [allocated, permitted, ['nothing', send('closed')], ['Data', hears()]],
};

const between = {
  'by Send': [
    allocated,
    ['success', allocate(udp).by('b')],
    ['success', permit(peer('relayed b'))],
    ['success', permit(peer('relayed a')).by('b')],
    ['nothing', send('one', peer('relayed b'), data('payload'))],
    ['Data', hears().by('b')],
  ],
  'by channels': [
    allocated,
    ['success', allocate(udp).by('b')],
    ['success', bind(channelNumber(0x4000), peer('relayed b'))],
    ['success', bind(channelNumber(0x4abc), peer('relayed a')).by('b')],
    ['nothing', say('one', 0x4000)],
    ['ChannelData', hears().by('b')],
  ],
  'without the other’s permission': [
    allocated,
    ['success', allocate(udp).by('b')],
    ['success', permit(peer('relayed b'))],
    ['nothing', send('one', peer('relayed b'), data('payload'))],
    ['nothing', hears().by('b')],
  ],
};

export default [
  ...scenarios('CreatePermission', permissions),
  ...scenarios('ChannelBind', channels),
  ...scenarios('to a peer', fromClient),
  ...scenarios('from a peer', fromPeer),
  ...scenarios('between two clients', between),
];
