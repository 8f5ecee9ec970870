// The frame around every page, and which address shows which page.
import { Compass } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link, Redirect, Route, Router, Switch, useLocation } from 'wouter-preact';
import { account } from './api/account';
import { AuditPage } from './pages/audit';
import { ClientPage, ClientsPage, RoomPage, RoomsPage } from './pages/groups';
import { OverviewPage } from './pages/overview';
import { ProjectsPage } from './pages/projects';
import { RegionsPage } from './pages/regions';
import { SessionPage } from './pages/session';
import { SessionsPage } from './pages/sessions';
import { SignInPage } from './pages/sign_in';
import { TokensPage } from './pages/tokens';
import { TryItPage } from './pages/try_it';
import { UsagePage } from './pages/usage';
import { WebhookPage } from './pages/webhook';
import { WebhooksPage } from './pages/webhooks';
import { Empty, PageHead } from './ui/parts';
import { firstPlace } from './ui/places';
import { Shell } from './ui/shell';

const NothingHere = () => (
  <>
    <PageHead title="Nothing here" />
    <Empty icon={Compass} title="There is no such page.">
      <Link href="/">Go to the first page</Link>
    </Empty>
  </>
);

const Pages = () => {
  const [location] = useLocation();
  const isFirst = useRef(true);
  useEffect(() => {
    // A new page is announced by its title; the first one is by the browser.
    if (!isFirst.current) document.querySelector('h1')?.focus();
    isFirst.current = false;
  }, [location]);
  return (
    <Switch>
      <Route path="/">
        <Redirect to={firstPlace()} replace />
      </Route>
      <Route path="/overview" component={OverviewPage} />
      <Route path="/regions" component={RegionsPage} />
      <Route path="/rooms" component={RoomsPage} />
      <Route path="/rooms/:name" component={RoomPage} />
      <Route path="/clients" component={ClientsPage} />
      <Route path="/clients/:name" component={ClientPage} />
      <Route path="/sessions" component={SessionsPage} />
      <Route path="/sessions/:id" component={SessionPage} />
      <Route path="/try-it" component={TryItPage} />
      <Route path="/audit" component={AuditPage} />
      <Route path="/usage" component={UsagePage} />
      <Route path="/projects" component={ProjectsPage} />
      <Route path="/tokens" component={TokensPage} />
      <Route path="/webhooks" component={WebhooksPage} />
      <Route path="/webhooks/:id" component={WebhookPage} />
      <Route component={NothingHere} />
    </Switch>
  );
};

export const App = () => (
  <Router base="/console">
    {account.value ? (
      <Shell>
        <Pages />
      </Shell>
    ) : (
      <SignInPage />
    )}
  </Router>
);
