// RFC 8489 §9.2: the long-term credential, and RFC 8656 §5: whose allocation it is.
import { ATTRIBUTE } from '../../e2e/stun_message.mjs';
import {
  again,
  allocate,
  bind,
  binding,
  channelNumber,
  lifetime,
  peer,
  permit,
  raw,
  refresh,
  scenarios,
  send,
  udp,
} from '../steps.mjs';

const unsigned = { unsigned: true };

export default [
  ...scenarios('no integrity', {
    Allocate: [['401', allocate(udp).but(unsigned)]],
    'Allocate with nothing': [['401', allocate().but(unsigned)]],
    Refresh: [['401', refresh().but(unsigned)]],
    CreatePermission: [['401', permit(peer('one')).but(unsigned)]],
    ChannelBind: [['401', bind(channelNumber(0x4000), peer('one')).but(unsigned)]],
    'Allocate that names its user': [
      ['401', allocate(udp, raw(ATTRIBUTE.username, 'alice')).but(unsigned)],
    ],
    'Refresh that would delete': [
      ['success', allocate(udp)],
      ['401', refresh(lifetime(0)).but(unsigned)],
      ['success', refresh()],
    ],
    'CreatePermission on a live allocation': [
      ['success', allocate(udp)],
      ['401', permit(peer('one')).but(unsigned)],
      ['nothing', send('one')],
    ],
    'ChannelBind on a live allocation': [
      ['success', allocate(udp)],
      ['401', bind(channelNumber(0x4000), peer('one')).but(unsigned)],
    ],
    'Allocate on a live allocation': [
      ['success', allocate(udp)],
      ['401', allocate(udp).but(unsigned)],
      ['success', refresh()],
    ],
    'Allocate, twice': [
      ['401', allocate(udp).but(unsigned)],
      ['401', again()],
    ],
  }),
  ...scenarios('incomplete', {
    'Allocate without USERNAME': [['400', allocate(udp).but({ without: [ATTRIBUTE.username] })]],
    'Allocate without REALM': [['400', allocate(udp).but({ without: [ATTRIBUTE.realm] })]],
    'Allocate without NONCE': [['400', allocate(udp).but({ without: [ATTRIBUTE.nonce] })]],
    'Allocate with integrity alone': [
      ['400', allocate(udp).but({ without: [ATTRIBUTE.username, ATTRIBUTE.realm, ATTRIBUTE.nonce] })],
    ],
    'Refresh without USERNAME': [
      ['success', allocate(udp)],
      ['400', refresh().but({ without: [ATTRIBUTE.username] })],
    ],
    'Refresh without REALM': [
      ['success', allocate(udp)],
      ['400', refresh().but({ without: [ATTRIBUTE.realm] })],
    ],
    'Refresh without NONCE': [
      ['success', allocate(udp)],
      ['400', refresh().but({ without: [ATTRIBUTE.nonce] })],
    ],
    'MESSAGE-INTEGRITY of ten bytes': [
      ['400', allocate(udp, raw(ATTRIBUTE.messageIntegrity, '0123456789')).but(unsigned)],
    ],
  }),
  ...scenarios('failed', {
    'a wrong password': [['401', allocate(udp).but({ password: 'guessed' })]],
    'an unknown user': [['401', allocate(udp).but({ username: 'mallory' })]],
    'an empty user': [['401', allocate(udp).but({ username: '' })]],
    'another realm': [['401', allocate(udp).but({ realm: 'elsewhere' })]],
    'a nonce that was never issued': [['438', allocate(udp).but({ nonce: 'made up' })]],
    'an empty nonce': [['438', allocate(udp).but({ nonce: '' })]],
    'a nonce that was never issued, and a wrong password': [
      ['438', allocate(udp).but({ nonce: 'made up', password: 'guessed' })],
    ],
    'a user of 600 bytes': [['401', allocate(udp).but({ username: 'a'.repeat(600) })]],
    'a wrong password on a live allocation': [
      ['success', allocate(udp)],
      ['401', refresh(lifetime(0)).but({ password: 'guessed' })],
      ['success', refresh()],
    ],
    'a made up nonce on a live allocation': [
      ['success', allocate(udp)],
      ['438', refresh(lifetime(0)).but({ nonce: 'made up' })],
      ['success', refresh()],
    ],
    'a made up nonce in a ChannelBind': [
      ['success', allocate(udp)],
      ['438', bind(channelNumber(0x4000), peer('one')).but({ nonce: 'made up' })],
    ],
    'a made up nonce in a CreatePermission': [
      ['success', allocate(udp)],
      ['438', permit(peer('one')).but({ nonce: 'made up' })],
      ['nothing', send('one')],
    ],
    'right after wrong': [
      ['401', allocate(udp).but({ password: 'guessed' })],
      ['success', allocate(udp)],
    ],
  }),
  ...scenarios('SHA-256', {
    'where it is offered': [
      ['success', allocate(udp).but({ sha256: true })],
      ['success', refresh().but({ sha256: true })],
    ],
    'and MD5 on one allocation': [
      ['success', allocate(udp).but({ sha256: true })],
      ['success', refresh()],
    ],
    'with a wrong password': [['401', allocate(udp).but({ sha256: true, password: 'guessed' })]],
    'with an offer that was altered on the way': [
      ['400', allocate(udp).but({ sha256: true, offer: Buffer.from([0, 2, 0, 0]) })],
    ],
    'chosen without the offer': [['400', allocate(udp, raw(ATTRIBUTE.passwordAlgorithm, '\0\x02\0\0'))]],
  }),
  ...scenarios('USERHASH', {
    'of a user': [
      ['success', allocate(udp).but({ userhash: true })],
      ['success', refresh()],
    ],
    'of nobody': [['401', allocate(udp).but({ userhash: true, username: 'mallory' })]],
  }),
  ...scenarios('another user', {
    'refreshes the allocation': [
      ['success', allocate(udp)],
      ['441', refresh(lifetime(0)).as('bob')],
      ['success', refresh()],
    ],
    'makes permissions': [
      ['success', allocate(udp)],
      ['441', permit(peer('one')).as('bob')],
      ['nothing', send('one')],
    ],
    'binds a channel': [
      ['success', allocate(udp)],
      ['441', bind(channelNumber(0x4000), peer('one')).as('bob')],
    ],
    'allocates on the same 5-tuple': [
      ['success', allocate(udp)],
      ['437', allocate(udp).as('bob')],
      ['success', refresh()],
    ],
    'takes over when the first has gone': [
      ['success', allocate(udp)],
      ['success', refresh(lifetime(0))],
      ['success', allocate(udp).as('bob')],
    ],
  }),
  ...scenarios('after the integrity', {
    'LIFETIME 0 deletes nothing': [
      ['success', allocate(udp)],
      ['success', refresh().but({ after: [lifetime(0)] })],
      ['success', refresh()],
    ],
    'XOR-PEER-ADDRESS permits nothing': [
      ['success', allocate(udp)],
      ['400', permit().but({ after: [peer('one')] })],
      ['nothing', send('one')],
    ],
    'REQUESTED-TRANSPORT asks for nothing': [['400', allocate().but({ after: [udp] })]],
  }),
  ...scenarios('duplicates', {
    'the first LIFETIME counts': [
      ['success', allocate(udp)],
      ['success', refresh(lifetime(1200), lifetime(0))],
      ['success', refresh()],
    ],
    'the first REQUESTED-TRANSPORT counts': [
      ['success', allocate(udp, raw(ATTRIBUTE.requestedTransport, '\x06\0\0\0'))],
    ],
    'the first USERNAME counts': [
      ['success', allocate(udp).but({ after: [raw(ATTRIBUTE.username, 'mallory')] })],
    ],
    'Binding knows no user': [['success', binding(raw(ATTRIBUTE.username, 'alice'))]],
  }),
];
