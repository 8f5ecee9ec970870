// RFC 8656 §8: Refresh.
import { ATTRIBUTE } from '../../e2e/stun_message.mjs';
import {
  again,
  allocate,
  family,
  lifetime,
  peer,
  permit,
  raw,
  refresh,
  scenarios,
  send,
  transport,
  udp,
} from '../steps.mjs';

export default scenarios('Refresh', {
  'without an allocation': [['437', refresh()]],
  'without an allocation, with LIFETIME 0': [['437', refresh(lifetime(0))]],
  plain: [
    ['success', allocate(udp)],
    ['success', refresh()],
  ],
  'with LIFETIME 1': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(1))],
  ],
  'with LIFETIME 1000': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(1000))],
  ],
  'with LIFETIME 2^32 - 1': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(0xffffffff))],
  ],
  'shorter than before': [
    ['success', allocate(udp, lifetime(3000))],
    ['success', refresh(lifetime(700))],
  ],
  'with LIFETIME of two bytes': [
    ['success', allocate(udp)],
    ['400', refresh(raw(ATTRIBUTE.lifetime, 'xx'))],
    ['success', refresh()],
  ],
  deletes: [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(0))],
    ['437', refresh()],
  ],
  'deletes twice': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(0))],
    ['437', refresh(lifetime(0))],
  ],
  'deletes, the same transaction twice': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(0))],
    ['437', again()],
  ],
  'deletes, and nothing is left': [
    ['success', allocate(udp)],
    ['success', permit(peer('one'))],
    ['success', refresh(lifetime(0))],
    ['nothing', send('one')],
    ['437', permit(peer('one'))],
  ],
  'deletes permissions as well': [
    ['success', allocate(udp)],
    ['success', permit(peer('one'))],
    ['success', refresh(lifetime(0))],
    ['success', allocate(udp)],
    ['nothing', send('one')],
  ],
  'with its family': [
    ['success', allocate(udp)],
    ['success', refresh(family(1))],
  ],
  'with another family': [
    ['success', allocate(udp)],
    ['443', refresh(family(2))],
  ],
  'deletes another family': [
    ['success', allocate(udp)],
    ['443', refresh(family(2), lifetime(0))],
    ['success', refresh()],
  ],
  'with no family that exists': [
    ['success', allocate(udp)],
    ['443', refresh(family(9))],
  ],
  'with a family of one byte': [
    ['success', allocate(udp)],
    ['400', refresh(raw(ATTRIBUTE.requestedAddressFamily, '\x01'))],
  ],
  'with REQUESTED-TRANSPORT': [
    ['success', allocate(udp)],
    ['success', refresh(transport(6))],
  ],
  'the same transaction twice': [
    ['success', allocate(udp)],
    ['success', refresh(lifetime(900))],
    ['success', again()],
  ],
});
