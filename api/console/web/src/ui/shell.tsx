// Navigation, and who is signed in.
import { LogOut, Menu } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { signOut } from '../api/account';
import { Logo } from './logo';
import { places, type Place } from './places';
import { ProjectChoice } from './project_choice';
import { ThemeSwitch } from './theme';

const NavigationLink = ({ place, onFollow }: { place: Place; onFollow: () => void }) => {
  const [location] = useLocation();
  const isHere = location === place.href || location.startsWith(`${place.href}/`);
  return (
    <Link href={place.href} aria-current={isHere ? 'page' : undefined} onClick={onFollow}>
      <place.icon size={18} />
      {place.name}
    </Link>
  );
};

export const Shell = ({ children }: { children: ComponentChildren }) => {
  const [isOpen, setOpen] = useState(false);
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
        <ProjectChoice />
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
        {places().map((group) => (
          <div key={group.name}>
            <p class="nav-title">{group.name}</p>
            <ul>
              {group.places.map((place) => (
                <li key={place.href}>
                  <NavigationLink place={place} onFollow={() => setOpen(false)} />
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
