// A link of the project's own, into the application that the calls belong to.
import { ExternalLink } from 'lucide-preact';

export const AwayLink = ({ href }: { href: string | null | undefined }) =>
  href ? (
    <a class="away" href={href} rel="noreferrer" target="_blank">
      Open in your application
      <ExternalLink size={14} aria-hidden="true" />
    </a>
  ) : null;
