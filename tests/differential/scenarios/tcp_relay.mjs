// RFC 6062: TCP allocations.
import { ATTRIBUTE } from '../../e2e/stun_message.mjs';
import {
  allocate,
  bind,
  channelNumber,
  connect,
  connectionBind,
  connectionId,
  dontFragment,
  evenPort,
  family,
  lifetime,
  peer,
  permit,
  raw,
  refresh,
  scenarios,
  send,
  token,
  transport,
  udp,
} from '../steps.mjs';

const tcp = transport(6);
const allocated = ['success', allocate(tcp)];
const connected = ['success', connect(peer('tcp'))];

export default [
  ...scenarios('TCP allocation over UDP', {
    'is refused': [
      ['400', allocate(tcp)],
      ['437', refresh()],
    ],
    'Connect without an allocation': [['437', connect(peer('one'))]],
    'Connect on an allocation for UDP': [
      ['success', allocate(udp)],
      ['403', connect(peer('one'))],
    ],
    'ConnectionBind over UDP': [['400', connectionBind(connectionId('1234'))]],
  }),
  ...scenarios(
    'TCP allocation',
    {
      'is given': [allocated, ['success', refresh()]],
      'for IPv6': [['success', allocate(tcp, family(2))]],
      'with EVEN-PORT': [['400', allocate(tcp, evenPort(false))]],
      'with DONT-FRAGMENT': [['400', allocate(tcp, dontFragment)]],
      'with RESERVATION-TOKEN': [['400', allocate(tcp, token('12345678'))]],
      'is deleted': [allocated, ['success', refresh(lifetime(0))], ['437', connect(peer('tcp'))]],
      'permits peers': [allocated, ['success', permit(peer('tcp'))]],
      'binds no channel': [allocated, ['403', bind(channelNumber(0x4000), peer('one'))]],
      'sends no datagram': [allocated, ['success', permit(peer('one'))], ['nothing', send('one')]],
    },
    { over: 'tcp' },
  ),
  ...scenarios(
    'Connect',
    {
      'without an allocation': [['437', connect(peer('tcp'))]],
      'on an allocation for UDP': [
        ['success', allocate(udp)],
        ['403', connect(peer('tcp'))],
      ],
      'without a peer': [allocated, ['400', connect()]],
      'to a malformed peer': [allocated, ['400', connect(raw(ATTRIBUTE.xorPeerAddress, 'xxxx'))]],
      'to a peer': [allocated, connected],
      'to a peer twice': [allocated, connected, ['446', connect(peer('tcp'))]],
      'to a closed port': [allocated, ['447', connect(peer('closed'))]],
      'to a denied peer': [allocated, ['403', connect(peer('10.0.0.1 9'))]],
      'to a peer of the other family': [allocated, ['443', connect(peer('six'))]],
      'of another user': [allocated, ['441', connect(peer('tcp')).as('bob')]],
      'without integrity': [allocated, ['401', connect(peer('tcp')).but({ unsigned: true })]],
    },
    { over: 'tcp' },
  ),
  ...scenarios(
    'ConnectionBind',
    {
      'on a connection of its own': [
        allocated,
        connected,
        ['success', connectionBind(connectionId()).by('b')],
      ],
      'of no connection': [['400', connectionBind(connectionId('1234'))]],
      'without an id': [['400', connectionBind()]],
      'of another user': [
        allocated,
        connected,
        ['400', connectionBind(connectionId()).by('b').as('bob')],
      ],
      'without integrity': [
        allocated,
        connected,
        ['401', connectionBind(connectionId()).by('b').but({ unsigned: true })],
      ],
      'on the control connection': [allocated, connected, ['400', connectionBind(connectionId())]],
    },
    { over: 'tcp' },
  ),
];
