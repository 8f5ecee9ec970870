// Navigation, and who is signed in.
import { Globe, KeyRound, LogOut, Menu, Zap, type LucideIcon } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { signOut } from '../api/account';
import { Logo } from './logo';
import { ThemeSwitch } from './theme';

interface Place {
  href: string;
  name: string;
  icon: LucideIcon;
}

const GROUPS: { name: string; places: Place[] }[] = [
  {
    name: 'Relay',
    places: [
      { href: '/try-it', name: 'Try it', icon: Zap },
      { href: '/regions', name: 'Regions', icon: Globe },
    ],
  },
  { name: 'Access', places: [{ href: '/tokens', name: 'Tokens', icon: KeyRound }] },
];

const NavigationLink = ({ place }: { place: Place }) => {
  const [location] = useLocation();
  const isHere = location === place.href || location.startsWith(`${place.href}/`);
  return (
    <Link href={place.href} aria-current={isHere ? 'page' : undefined}>
      <place.icon size={18} />
      {place.name}
    </Link>
  );
};

export const Shell = ({ children }: { children: ComponentChildren }) => {
  const [isOpen, setOpen] = useState(false);
  const [location] = useLocation();
  useEffect(() => setOpen(false), [location]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <button
          type="button"
          class="icon-button menu"
          aria-label="Menu"
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setOpen(!isOpen)}
        >
          <Menu size={20} aria-hidden="true" />
        </button>
        <Link href="/" class="brand">
          <Logo />
          turnixd
        </Link>
        <span class="spring" />
        <ThemeSwitch />
        <button
          type="button"
          class="icon-button"
          aria-label="Sign out"
          title="Sign out"
          onClick={() => signOut()}
        >
          <LogOut size={18} aria-hidden="true" />
        </button>
      </header>
      <nav id="navigation" class={isOpen ? 'open' : ''} aria-label="Pages">
        {GROUPS.map((group) => (
          <div key={group.name}>
            <p class="nav-title">{group.name}</p>
            <ul>
              {group.places.map((place) => (
                <li key={place.href}>
                  <NavigationLink place={place} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <main id="main">{children}</main>
    </div>
  );
};
