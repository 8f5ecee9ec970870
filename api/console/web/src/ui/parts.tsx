// The small parts that pages are made of.
import { Check, Copy, type LucideIcon } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { dateTime, relative } from './format';

export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet';

/** The title of a page, what it is about in a sentence, and what can be done there. */
export const PageHead = (props: {
  title: string;
  lead?: ComponentChildren;
  children?: ComponentChildren;
}) => {
  useEffect(() => {
    document.title = `${props.title} · turnixd`;
  }, [props.title]);
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{props.title}</h1>
        {props.lead && <p class="lead">{props.lead}</p>}
      </div>
      {props.children && <div class="actions">{props.children}</div>}
    </header>
  );
};

export const Card = (props: {
  title?: string;
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}) => {
  const id = useId();
  return (
    <section class={`card ${props.class ?? ''}`} aria-labelledby={props.title ? id : undefined}>
      {props.title && (
        <div class="card-head">
          <h2 id={id}>{props.title}</h2>
          {props.aside}
        </div>
      )}
      {props.children}
    </section>
  );
};

export const Badge = ({ tone, children }: { tone: Tone; children: ComponentChildren }) => (
  <span class={`badge ${tone}`}>
    <span class="dot" aria-hidden="true" />
    {children}
  </span>
);

export const ErrorNote = ({ error, retry }: { error: Error; retry?: () => void }) => (
  <div class="note bad" role="alert">
    <div>
      <p>{error.message}</p>
      {error instanceof ApiError && error.requestId && (
        <p class="request">
          Request <code>{error.requestId}</code>
          {error.param && (
            <>
              , field <code>{error.param}</code>
            </>
          )}
        </p>
      )}
    </div>
    {retry && (
      <button type="button" onClick={retry}>
        Try again
      </button>
    )}
  </div>
);

export const Empty = (props: { icon: LucideIcon; title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <span class="empty-icon" aria-hidden="true">
      <props.icon size={26} />
    </span>
    <p class="empty-title">{props.title}</p>
    {props.children && <div class="empty-text">{props.children}</div>}
  </div>
);

/** A moment: how long ago, with the date as its title. */
export const Moment = ({ at, none = '—' }: { at: string | null; none?: string }) => {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => tick((now) => now + 1), 10_000);
    return () => window.clearInterval(timer);
  }, []);
  if (!at) return <span class="quiet">{none}</span>;
  return (
    <time dateTime={at} title={dateTime(at)}>
      {relative(at)}
    </time>
  );
};

export const CopyButton = ({ text, label }: { text: string; label: string }) => {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();
  const copy = async () => {
    try {
      // Browsers keep the clipboard from pages that came over plain HTTP.
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
      window.setTimeout(() => setOutcome(undefined), 1500);
    } catch {
      setOutcome('refused');
    }
  };
  const Icon = outcome === 'copied' ? Check : Copy;
  return (
    <>
      <button
        type="button"
        class="icon-button"
        onClick={copy}
        aria-label={outcome === 'copied' ? 'Copied' : label}
      >
        <Icon size={16} aria-hidden="true" />
      </button>
      {outcome === 'refused' && (
        <span role="alert">The browser does not let this page copy: mark the text and copy it.</span>
      )}
    </>
  );
};

/** Name and value, one below the other. */
export const Facts = ({ children }: { children: ComponentChildren }) => (
  <dl class="facts">{children}</dl>
);
export const Fact = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** A large figure with its name. */
export const Figure = (props: {
  name: string;
  value: string;
  hint?: ComponentChildren;
  tone?: string;
}) => (
  <div class={`figure ${props.tone ?? ''}`}>
    <span class="figure-name">{props.name}</span>
    <span class="figure-value">{props.value}</span>
    {props.hint && <span class="figure-hint">{props.hint}</span>}
  </div>
);

/** Grey bars in the place of what is being fetched. */
export const Waiting = ({ lines = 4 }: { lines?: number }) => (
  <div class="waiting" role="status" aria-label="Loading">
    {Array.from({ length: lines }, (_, index) => (
      <span key={index} />
    ))}
  </div>
);
