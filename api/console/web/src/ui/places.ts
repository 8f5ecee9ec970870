// The pages that navigation leads to, and the scope that each of them needs.
import {
  Activity,
  BarChart3,
  DoorOpen,
  FolderKanban,
  Globe,
  KeyRound,
  Phone,
  ScrollText,
  Users,
  Webhook,
  Zap,
  type LucideIcon,
} from 'lucide-preact';
import { may } from '../api/account';

export interface Place {
  href: string;
  name: string;
  icon: LucideIcon;
  /** None: any token may. */
  scope?: string;
}

const GROUPS: { name: string; places: Place[] }[] = [
  {
    name: 'Now',
    places: [
      { href: '/overview', name: 'Overview', icon: Activity, scope: 'stats:read' },
      { href: '/regions', name: 'Regions', icon: Globe },
      { href: '/rooms', name: 'Rooms', icon: DoorOpen, scope: 'sessions:read' },
      { href: '/clients', name: 'Clients', icon: Users, scope: 'sessions:read' },
      { href: '/sessions', name: 'Sessions', icon: Phone, scope: 'sessions:read' },
      { href: '/try-it', name: 'Try it', icon: Zap, scope: 'ice:issue' },
    ],
  },
  {
    name: 'Records',
    places: [
      { href: '/usage', name: 'Usage', icon: BarChart3, scope: 'usage:read' },
      { href: '/audit', name: 'Audit log', icon: ScrollText, scope: 'audit:read' },
    ],
  },
  {
    name: 'Settings',
    places: [
      { href: '/projects', name: 'Projects', icon: FolderKanban, scope: 'projects:admin' },
      { href: '/tokens', name: 'Tokens', icon: KeyRound, scope: 'tokens:admin' },
      { href: '/webhooks', name: 'Webhooks', icon: Webhook, scope: 'webhooks:admin' },
    ],
  },
];

/** Those that the token may see, in the order of the navigation. */
export const places = () =>
  GROUPS.map((group) => ({
    ...group,
    places: group.places.filter(({ scope }) => !scope || may(scope)),
  })).filter((group) => group.places.length > 0);

/** Where somebody who has just signed in begins. */
export const firstPlace = () => places()[0]!.places[0]!.href;
