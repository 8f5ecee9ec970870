// RFC 8016: an allocation whose client moves to another 5-tuple.
import {
  allocate,
  family,
  lifetime,
  mobility,
  peer,
  permit,
  refresh,
  scenarios,
  send,
  ticket,
  udp,
} from '../steps.mjs';

const mobile = ['success', allocate(udp, mobility)];
const moved = ['success', refresh(ticket()).by('b')];

export default scenarios('mobility', {
  'is asked for': [mobile],
  'is asked for with an invented ticket': [['400', allocate(udp, ticket('invented'))]],
  'is not asked for': [
    ['success', allocate(udp)],
    ['success', refresh()],
  ],
  'the client moves': [mobile, moved, ['success', refresh().by('b')]],
  'the client moves on': [mobile, moved, ['success', refresh(ticket()).by('c')]],
  'the client moves, and data with it': [
    mobile,
    ['success', permit(peer('one'))],
    moved,
    ['relayed', send('one').by('b')],
  ],
  'a plain Refresh keeps the ticket current': [
    mobile,
    ['success', refresh()],
    ['success', refresh(lifetime(900))],
    moved,
  ],
  'an invented ticket': [['400', refresh(ticket('invented')).by('b')]],
  'an empty ticket': [['400', refresh(mobility).by('b')]],
  'the ticket of another user': [
    mobile,
    ['441', refresh(ticket()).by('b').as('bob')],
    ['success', refresh()],
  ],
  'moving deletes': [mobile, ['success', refresh(ticket(), lifetime(0)).by('b')]],
  'with a family': [mobile, ['success', refresh(ticket(), family(1)).by('b')]],
  'a ticket on another live allocation': [
    mobile,
    ['success', allocate(udp).by('b')],
    ['437', refresh(ticket()).by('b')],
  ],
});
