// The way of a session drawn: the client, the relay, and whom it reaches through it.
import { Laptop, Server, Users, type LucideIcon } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import type { Session } from '../api/types';
import { bytes } from './format';

const PEERS_SHOWN = 4;

interface StopProps {
  icon: LucideIcon;
  name: string;
  children: ComponentChildren;
}

const Stop = (props: StopProps) => (
  <li class="stop">
    <span class="stop-icon" aria-hidden="true">
      <props.icon size={20} />
    </span>
    <div>
      <h3>{props.name}</h3>
      {props.children}
    </div>
  </li>
);

const Peers = ({ session: { peers, state } }: { session: Session }) => {
  if (state === 'ended') return <p class="quiet">No longer known</p>;
  if (peers.length === 0) return <p class="quiet">None yet</p>;
  return (
    <>
      {peers.slice(0, PEERS_SHOWN).map((peer) => (
        <p key={peer}>
          <code>{peer}</code>
        </p>
      ))}
      {peers.length > PEERS_SHOWN && <p class="quiet">and {peers.length - PEERS_SHOWN} more</p>}
    </>
  );
};

export const SessionRoute = ({ session }: { session: Session }) => (
  <ol class={`plain route ${session.state}`}>
    <Stop icon={Laptop} name="Client">
      <code>{session.client_address}</code>
    </Stop>
    <li class="leg">
      <span class="in">
        <span class="unseen">To the relay </span>
        {bytes(session.traffic.uplink_bytes)} →
      </span>
      <span class="leg-line">
        <span>{session.transport.toUpperCase()}</span>
      </span>
      <span class="out">
        <span class="unseen">Back </span>← {bytes(session.traffic.downlink_bytes)}
      </span>
    </li>
    <Stop icon={Server} name={session.region ? `Relay ${session.region}` : 'Relay'}>
      <p>
        <span class="quiet">listens</span> <code>{session.server_address}</code>
      </p>
      <p>
        <span class="quiet">relays</span> <code>{session.relayed_address}</code>
      </p>
    </Stop>
    <li class="leg short" aria-hidden="true">
      <span class="leg-line" />
    </li>
    <Stop icon={Users} name="Peers">
      <Peers session={session} />
    </Stop>
  </ol>
);
