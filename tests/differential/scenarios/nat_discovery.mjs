// RFC 5780: a Binding's attributes for NAT behaviour discovery, where two addresses are configured for it. A
// client hears only what comes from where it sent to.
import { ATTRIBUTE } from '../../e2e/stun_message.mjs';
import { allocate, binding, raw, scenarios, udp } from '../steps.mjs';

const change = (...bytes) => raw(ATTRIBUTE.changeRequest, bytes);
const NOTHING = change(0, 0, 0, 0);
const ADDRESS_AND_PORT = change(0, 0, 0, 6);
const OWN_PORT = raw(ATTRIBUTE.responsePort, [0, 9, 0, 0]);
const PADDING = raw(ATTRIBUTE.padding, Array(64).fill(0));

/** Where there is one address only. */
export const withoutDiscovery = scenarios('no NAT discovery', {
  'a CHANGE-REQUEST': [['420', binding(ADDRESS_AND_PORT)]],
  'a CHANGE-REQUEST that changes nothing': [['420', binding(NOTHING)]],
  'a RESPONSE-PORT': [['420', binding(OWN_PORT)]],
  'a PADDING': [['420', binding(PADDING)]],
});

export default scenarios('NAT discovery', {
  'a Binding': [['success', binding()]],
  'a CHANGE-REQUEST that changes nothing': [['success', binding(NOTHING)]],
  'a CHANGE-REQUEST for elsewhere': [['silence', binding(ADDRESS_AND_PORT)]],
  'a CHANGE-REQUEST of another length': [['400', binding(change(0, 0, 6))]],
  'a CHANGE-REQUEST in an Allocate': [['420', allocate(udp, NOTHING)]],
  'a RESPONSE-PORT': [['420', binding(OWN_PORT)]],
  'a PADDING': [['420', binding(PADDING)]],
  'a RESPONSE-PORT with PADDING': [['420', binding(OWN_PORT, PADDING)]],
});
