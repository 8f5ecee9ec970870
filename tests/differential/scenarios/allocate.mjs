// RFC 8656 §7.2: Allocate, with reservations and both families.
import { ATTRIBUTE } from '../../e2e/stun_message.mjs';
import {
  additionalFamily,
  again,
  allocate,
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

const table = {
  'for UDP': [['success', allocate(udp)]],
  'without REQUESTED-TRANSPORT': [
    ['400', allocate()],
    ['437', refresh()],
  ],
  'for TCP': [
    ['442', allocate(transport(6))],
    ['437', refresh()],
  ],
  'for protocol 0': [['442', allocate(transport(0))]],
  'for protocol 255': [['442', allocate(transport(255))]],
  'REQUESTED-TRANSPORT of one byte': [['400', allocate(raw(ATTRIBUTE.requestedTransport, '\x11'))]],
  'REQUESTED-TRANSPORT of eight bytes': [
    ['400', allocate(raw(ATTRIBUTE.requestedTransport, '\x11\0\0\0\0\0\0\0'))],
  ],
  'good after a refused one': [
    ['442', allocate(transport(0))],
    ['success', allocate(udp)],
  ],
  'again, the same transaction': [
    ['success', allocate(udp)],
    ['success', again()],
  ],
  'again, the same transaction with a lifetime': [
    ['success', allocate(udp, lifetime(1800))],
    ['success', again()],
  ],
  'again, another transaction': [
    ['success', allocate(udp)],
    ['437', allocate(udp)],
    ['success', refresh()],
  ],
  'again, malformed': [
    ['success', allocate(udp)],
    ['437', allocate()],
  ],
  'again, for TCP': [
    ['success', allocate(udp)],
    ['437', allocate(transport(6))],
  ],
  'again after a Refresh': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(700))],
    ['437', allocate(udp)],
  ],
  'after Refresh 0': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(0))],
    ['success', allocate(udp)],
  ],
  'two clients': [
    ['success', allocate(udp)],
    ['success', allocate(udp).by('b')],
    ['success', refresh(lifetime(0))],
    ['success', refresh().by('b')],
  ],
  'a refused one, again': [
    ['400', allocate()],
    ['400', again()],
  ],
};

const families = {
  'family IPv4': [['success', allocate(udp, family(1))]],
  'family IPv6': [['success', allocate(udp, family(2))]],
  'family 0': [['440', allocate(udp, family(0))]],
  'family 3': [['440', allocate(udp, family(3))]],
  'REQUESTED-ADDRESS-FAMILY of one byte': [
    ['400', allocate(udp, raw(ATTRIBUTE.requestedAddressFamily, '\x01'))],
  ],
  'no family': [['success', allocate(udp)]],
};

const lifetimes = {
  'of 0': [['success', allocate(udp, lifetime(0))]],
  'of 1': [['success', allocate(udp, lifetime(1))]],
  'of 600': [['success', allocate(udp, lifetime(600))]],
  'of 1200': [['success', allocate(udp, lifetime(1200))]],
  'of 3600': [['success', allocate(udp, lifetime(3600))]],
  'of 3601': [['success', allocate(udp, lifetime(3601))]],
  'of 2^32 - 1': [['success', allocate(udp, lifetime(0xffffffff))]],
  'of two bytes': [['400', allocate(udp, raw(ATTRIBUTE.lifetime, 'xx'))]],
};

const reservations = {
  'EVEN-PORT alone': [['success', allocate(udp, evenPort(false))]],
  'EVEN-PORT with the next': [['success', allocate(udp, evenPort(true))]],
  'EVEN-PORT of no byte': [['400', allocate(udp, raw(ATTRIBUTE.evenPort, ''))]],
  'EVEN-PORT of four bytes': [['400', allocate(udp, raw(ATTRIBUTE.evenPort, 'xxxx'))]],
  'EVEN-PORT with the next, IPv6': [['success', allocate(udp, evenPort(true), family(2))]],
  'the token is redeemed': [
    ['success', allocate(udp, evenPort(true))],
    ['success', allocate(udp, token()).by('b')],
  ],
  'the token is redeemed twice': [
    ['success', allocate(udp, evenPort(true))],
    ['success', allocate(udp, token()).by('b')],
    ['508', allocate(udp, token()).by('c')],
  ],
  'the token is redeemed on its own 5-tuple': [
    ['success', allocate(udp, evenPort(true))],
    ['437', allocate(udp, token())],
  ],
  'the token is redeemed when the first has gone': [
    ['success', allocate(udp, evenPort(true))],
    ['success', refresh(lifetime(0))],
    ['success', allocate(udp, token()).by('b')],
  ],
  'the token of another user': [
    ['success', allocate(udp, evenPort(true))],
    ['508', allocate(udp, token()).by('b').as('bob')],
  ],
  'a made up token': [['508', allocate(udp, token('12345678'))]],
  'a token of seven bytes': [['400', allocate(udp, token('1234567'))]],
  'a token with EVEN-PORT': [['400', allocate(udp, evenPort(true), token('12345678'))]],
  'a token with EVEN-PORT alone': [['400', allocate(udp, evenPort(false), token('12345678'))]],
  'a token with a family': [['400', allocate(udp, family(1), token('12345678'))]],
  'a token with both families': [['400', allocate(udp, additionalFamily(2), token('12345678'))]],
  'again, the same transaction': [
    ['success', allocate(udp, evenPort(true))],
    ['success', again()],
  ],
  'a reserved port relays': [
    ['success', allocate(udp, evenPort(true))],
    ['success', allocate(udp, token()).by('b')],
    ['success', permit(peer('one')).by('b')],
    ['relayed', send('one').by('b')],
  ],
};

const both = {
  'IPv6 beside IPv4': [['success', allocate(udp, additionalFamily(2))]],
  'IPv4 is no additional family': [['400', allocate(udp, additionalFamily(1))]],
  'family 9 is no additional family': [['400', allocate(udp, additionalFamily(9))]],
  'with a family': [['400', allocate(udp, family(1), additionalFamily(2))]],
  'with EVEN-PORT and the next': [['400', allocate(udp, evenPort(true), additionalFamily(2))]],
  'with EVEN-PORT alone': [['success', allocate(udp, evenPort(false), additionalFamily(2))]],
  'again, the same transaction': [
    ['success', allocate(udp, additionalFamily(2))],
    ['success', again()],
  ],
  'peers of both': [
    ['success', allocate(udp, additionalFamily(2))],
    ['success', permit(peer('one'))],
    ['success', permit(peer('six'))],
    ['relayed', send('one')],
    ['relayed', send('six')],
  ],
  'one of them is released': [
    ['success', allocate(udp, additionalFamily(2))],
    ['success', refresh(lifetime(0), family(2))],
    ['443', permit(peer('six'))],
    ['success', permit(peer('one'))],
    ['relayed', send('one')],
  ],
  'one of them is refreshed': [
    ['success', allocate(udp, additionalFamily(2))],
    ['success', refresh(lifetime(900), family(1))],
  ],
};

export default [
  ...scenarios('Allocate', table),
  ...scenarios('Allocate', families),
  ...scenarios('Allocate over IPv6', families, { at: '::1' }),
  ...scenarios('Allocate with LIFETIME', lifetimes),
  ...scenarios('reservation', reservations),
  ...scenarios('both families', both),
  ...scenarios('DONT-FRAGMENT', {
    'in an Allocate': [['success', allocate(udp, dontFragment)]],
    'with a value': [['success', allocate(udp, raw(ATTRIBUTE.dontFragment, 'xxxx'))]],
  }),
];
