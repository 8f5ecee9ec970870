// RFC 8656 §3.1, §12.5: what is different over TCP.
import { CLASS, METHOD } from '../../e2e/stun_message.mjs';
import {
  again,
  allocate,
  bind,
  binding,
  bytes,
  channelNumber,
  data,
  family,
  lifetime,
  message,
  peer,
  peerSays,
  permit,
  refresh,
  say,
  scenarios,
  send,
  udp,
} from '../steps.mjs';

const allocated = ['success', allocate(udp)];
const bound = ['success', bind(channelNumber(0x4000), peer('one'))];

export default scenarios(
  'TCP',
  {
    Binding: [['success', binding()]],
    'Binding with FINGERPRINT': [['success', binding().but({ unsigned: true, fingerprint: true })]],
    'a Binding indication': [['silence', message('indication', METHOD.binding, CLASS.indication)]],
    Allocate: [allocated],
    'Allocate without integrity': [['401', allocate(udp).but({ unsigned: true })]],
    'Allocate, the same transaction again': [allocated, ['success', again()]],
    'Allocate, IPv6': [['success', allocate(udp, family(2))]],
    'Refresh without an allocation': [['437', refresh()]],
    'Refresh deletes': [allocated, ['success', refresh(lifetime(0))], ['437', refresh()]],
    'a wrong password': [['401', allocate(udp).but({ password: 'guessed' })]],
    'Send and back': [
      allocated,
      ['success', permit(peer('one'))],
      ['relayed', send('one')],
      ['Data', peerSays('one')],
    ],
    'Send without a permission': [allocated, ['nothing', send('one', peer('one'), data('payload'))]],
    'ChannelData and back': [
      allocated,
      bound,
      ['relayed', say('one', 0x4000)],
      ['ChannelData', peerSays('one')],
    ],
    'ChannelData of nothing': [
      allocated,
      bound,
      ['relayed', say('one', 0x4000, { payload: '', padding: 0 })],
    ],
    'ChannelData on no channel': [allocated, ['nothing', say('one', 0x4001)]],
    'two messages in one segment': [
      ['silence', bytes('two indications', [...indication(), ...indication()])],
      ['success', binding()],
    ],
    'what is no STUN': [['closed', bytes('SSH', 'SSH-2.0-client\r\n')]],
    'what may yet become ChannelData': [['deaf', bytes('HTTP', 'GET / HTTP/1.1\r\n\r\n')]],
    'another magic cookie': [['closed', bytes('Binding', [0, 1, 0, 0, ...Array(16).fill(7)])]],
    'a length that is no multiple of four': [
      ['closed', bytes('Binding', [0, 1, 0, 2, 0x21, 0x12, 0xa4, 0x42, ...Array(14).fill(0)])],
    ],
  },
  { over: 'tcp' },
);

function indication() {
  return [0, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...Array(12).fill(7)];
}
