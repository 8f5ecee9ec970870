// The same page seen in two ways, each with an address of its own.
import { Link } from 'wouter-preact';

interface TabsProps {
  label: string;
  tabs: { href: string; name: string; isHere: boolean }[];
}

export const Tabs = ({ label, tabs }: TabsProps) => (
  <nav class="tabs" aria-label={label}>
    {tabs.map(({ href, name, isHere }) => (
      <Link key={href} href={href} aria-current={isHere ? 'page' : undefined}>
        {name}
      </Link>
    ))}
  </nav>
);
