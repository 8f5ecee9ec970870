// RFC 8489 §5, §6.3, §14: what is a message, and which are answered.
import { ATTRIBUTE, CLASS, METHOD } from '../../e2e/stun_message.mjs';
import {
  allocate,
  binding,
  bytes,
  changed,
  channelNumber,
  data,
  lifetime,
  message,
  peer,
  permit,
  raw,
  refresh,
  request,
  scenarios,
  send,
  udp,
} from '../steps.mjs';

const REQUIRED_UNKNOWN = 0x7abc;
const OPTIONAL_UNKNOWN = 0xfabc;
const SHARED_SECRET = 0x002;
const UNASSIGNED = 0x0ff;

const patched =
  (at, ...values) =>
  (whole) => {
    const other = Buffer.from(whole);
    other.set(values, at);
    return other;
  };
const binaryHeader = (...length) => [0, 1, ...length, 0x21, 0x12, 0xa4, 0x42, ...Array(12).fill(7)];

export default [
  ...scenarios('Binding', {
    'with nothing': [['success', binding()]],
    'with FINGERPRINT': [['success', binding().but({ unsigned: true, fingerprint: true })]],
    'twice, byte for byte': [
      ['success', binding()],
      ['success', binding().but({ unsigned: true })],
    ],
    'with an unknown required attribute': [['420', binding(raw(REQUIRED_UNKNOWN, 'x'))]],
    'with two unknown required attributes': [
      ['420', binding(raw(REQUIRED_UNKNOWN, 'x'), raw(REQUIRED_UNKNOWN + 1, 'y'))],
    ],
    'with an unknown optional attribute': [['success', binding(raw(OPTIONAL_UNKNOWN, 'x'))]],
    'with SOFTWARE': [['success', binding(raw(ATTRIBUTE.software, 'test'))]],
    'with a known attribute that it has no use for': [['success', binding(lifetime(1))]],
    'with integrity that nobody asked for': [['success', binding().but({})]],
    'on a live allocation': [
      ['success', allocate(udp)],
      ['success', binding()],
    ],
  }),
  ...scenarios('Binding over IPv6', { 'with nothing': [['success', binding()]] }, { at: '::1' }),
  ...scenarios('no request', {
    'a Binding indication': [['silence', message('indication', METHOD.binding, CLASS.indication)]],
    'a Binding success': [['silence', message('success', METHOD.binding, CLASS.success)]],
    'a Binding error': [['silence', message('error', METHOD.binding, CLASS.error)]],
    'an Allocate indication': [
      ['silence', message('indication', METHOD.allocate, CLASS.indication, udp)],
    ],
    'an Allocate success': [['silence', message('success', METHOD.allocate, CLASS.success, udp)]],
    'an Allocate error': [['silence', message('error', METHOD.allocate, CLASS.error)]],
    'a Refresh indication': [['silence', message('indication', METHOD.refresh, CLASS.indication)]],
    'a Refresh success': [['silence', message('success', METHOD.refresh, CLASS.success)]],
    'a CreatePermission indication': [
      ['silence', message('indication', METHOD.createPermission, CLASS.indication, peer('one'))],
    ],
    'a ChannelBind indication': [
      [
        'silence',
        message('indication', METHOD.channelBind, CLASS.indication, channelNumber(0x4000), peer('one')),
      ],
    ],
    'a Data indication': [
      ['silence', message('indication', METHOD.data, CLASS.indication, peer('one'), data('x'))],
    ],
    'an indication of no method': [['silence', message('indication', UNASSIGNED, CLASS.indication)]],
    'an indication that deletes nothing': [
      ['success', allocate(udp)],
      ['silence', message('indication', METHOD.refresh, CLASS.indication, lifetime(0))],
      ['success', refresh()],
    ],
    'a response that deletes nothing': [
      ['success', allocate(udp)],
      ['silence', message('success', METHOD.refresh, CLASS.success, lifetime(0))],
      ['success', refresh()],
    ],
  }),
  ...scenarios('unknown method', {
    'a SharedSecret request (RFC 3489)': [['silence', request('SharedSecret', SHARED_SECRET)]],
    'an unassigned method': [['silence', request('0x0ff', UNASSIGNED)]],
    'without integrity': [['silence', request('0x0ff', UNASSIGNED).but({ unsigned: true })]],
    'a Send request': [['silence', request('Send', METHOD.send, peer('one'), data('x'))]],
    'a Data request': [['silence', request('Data', METHOD.data, peer('one'), data('x'))]],
    'on a live allocation': [
      ['success', allocate(udp)],
      ['silence', request('0x0ff', UNASSIGNED)],
      ['success', refresh()],
    ],
  }),
  ...scenarios('unknown attribute', {
    'required, in an Allocate': [['420', allocate(udp, raw(REQUIRED_UNKNOWN, 'x'))]],
    'required, before authentication': [
      ['401', allocate(udp, raw(REQUIRED_UNKNOWN, 'x')).but({ unsigned: true })],
    ],
    'optional, in an Allocate': [['success', allocate(udp, raw(OPTIONAL_UNKNOWN, 'x'))]],
    'required, in a Refresh that deletes': [
      ['success', allocate(udp)],
      ['420', refresh(lifetime(0), raw(REQUIRED_UNKNOWN, 'x'))],
      ['success', refresh()],
    ],
    'required, in a CreatePermission': [
      ['success', allocate(udp)],
      ['420', permit(peer('one'), raw(REQUIRED_UNKNOWN, 'x'))],
      ['nothing', send('one')],
    ],
    'required, in a Send indication': [
      ['success', allocate(udp)],
      ['success', permit(peer('one'))],
      ['nothing', send('one', peer('one'), data('payload'), raw(REQUIRED_UNKNOWN, 'x'))],
    ],
    'optional, in a Send indication': [
      ['success', allocate(udp)],
      ['success', permit(peer('one'))],
      ['relayed', send('one', peer('one'), data('payload'), raw(OPTIONAL_UNKNOWN, 'x'))],
    ],
    'required, after the integrity': [
      ['success', allocate(udp).but({ after: [raw(REQUIRED_UNKNOWN, 'x')] })],
    ],
  }),
  ...scenarios('FINGERPRINT', {
    'in an Allocate': [['success', allocate(udp).but({ fingerprint: true })]],
    'in an Allocate without integrity': [
      ['401', allocate(udp).but({ unsigned: true, fingerprint: true })],
    ],
    'in a Refresh that fails': [['437', refresh().but({ fingerprint: true })]],
    'wrong, in an Allocate': [
      [
        'silence',
        changed('Allocate', (whole) =>
          Buffer.concat([patched(3, whole[3] + 8)(whole), Buffer.from([0x80, 0x28, 0, 4, 1, 2, 3, 4])]),
        ),
      ],
      ['437', refresh()],
    ],
  }),
  ...scenarios('malformed', {
    'an empty datagram': [['silence', bytes('empty', [])]],
    'one byte': [['silence', bytes('byte', [0])]],
    'three bytes of a header': [['silence', bytes('bytes', [0, 1, 0])]],
    'nineteen bytes of a header': [['silence', bytes('bytes', binaryHeader(0, 0).slice(0, 19))]],
    'a length that is more than there is': [['silence', bytes('Binding', binaryHeader(0, 4))]],
    'a length that is less than there is': [
      ['silence', bytes('Binding', [...binaryHeader(0, 0), 0, 0, 0, 0])],
    ],
    'a length that is no multiple of four': [
      ['silence', bytes('Binding', [...binaryHeader(0, 2), 0, 0])],
    ],
    'an attribute that ends behind the message': [
      ['silence', bytes('Binding', [...binaryHeader(0, 4), 0x80, 0x22, 0, 9])],
    ],
    'no magic cookie (RFC 3489)': [['silence', bytes('Binding', [0, 1, 0, 0, ...Array(16).fill(7)])]],
    'an Allocate with another magic cookie': [
      ['silence', changed('Allocate', patched(4, 1, 2, 3, 4))],
      ['437', refresh()],
    ],
    'an Allocate that is cut': [
      ['silence', changed('Allocate', (whole) => whole.subarray(0, whole.length - 4))],
      ['437', refresh()],
    ],
    'an Allocate with more behind it': [
      ['silence', changed('Allocate', (whole) => Buffer.concat([whole, Buffer.alloc(4)]))],
      ['437', refresh()],
    ],
    'an Allocate whose attribute was altered': [
      ['401', changed('Allocate', patched(24, 6))],
      ['437', refresh()],
    ],
    'the first byte of RTP': [['silence', bytes('RTP', [0x80, 0, 0, 1, ...Array(20).fill(0)])]],
    'the first byte of DTLS': [['silence', bytes('DTLS', [22, 0xfe, 0xfd, ...Array(20).fill(0)])]],
    'the first byte of ZRTP': [['silence', bytes('ZRTP', [16, 0, 0, 0, ...Array(20).fill(0)])]],
    'twenty zero bytes': [['silence', bytes('zeros', Array(20).fill(0))]],
  }),
];
