// Projects and their settings.
import { FolderKanban, Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { account, project as currentProject } from '../api/account';
import { api } from '../api/client';
import type { Project, ProjectSettings } from '../api/types';
import { usePages } from '../api/use_pages';
import { ConfirmButton } from '../ui/dialog';
import { FormDialog } from '../ui/form_dialog';
import { bitRate, bytes, count, duration } from '../ui/format';
import { Card, Empty, ErrorNote, Fact, Facts, Moment, PageHead, Waiting } from '../ui/parts';
import { PageTurner } from '../ui/table';
import { SettingsFields, settingsFrom } from '../ui/settings_fields';

const orNode = (value: number | null, write: (value: number) => string) =>
  value === null ? <span class="quiet">as the node</span> : write(value);
const orNone = (value: number | null, write: (value: number) => string) =>
  value === null ? <span class="quiet">no limit</span> : write(value);

const Settings = ({ settings }: { settings: ProjectSettings }) => (
  <Facts>
    <Fact name="Time to live">{orNode(settings.default_ttl_s, duration)}</Fact>
    <Fact name="… at most">{orNode(settings.max_ttl_s, duration)}</Fact>
    <Fact name="Session, at most">{orNode(settings.max_session_s, duration)}</Fact>
    <Fact name="Peers">{settings.peer_scope ?? <span class="quiet">as the node</span>}</Fact>
    <Fact name="On expiry">{settings.on_expiry ?? <span class="quiet">as the node</span>}</Fact>
    <Fact name="Remembered">{orNode(settings.retention_days, (days) => `${days} d`)}</Fact>
    <Fact name="Allocations">{orNone(settings.quotas.max_allocations, count)}</Fact>
    <Fact name="Bit rate">{orNone(settings.quotas.max_bitrate_bps, bitRate)}</Fact>
    <Fact name="Packets a second">{orNone(settings.quotas.max_packets_per_second, count)}</Fact>
    <Fact name="Bytes a day">{orNone(settings.quotas.max_bytes_per_day, bytes)}</Fact>
  </Facts>
);

const ProjectDialog = (props: {
  title: string;
  settings: ProjectSettings | null;
  isNew: boolean;
  onClose: () => void;
  save: (key: string, slug: string, settings: ProjectSettings) => Promise<void>;
}) => {
  const send = (key: string, form: FormData) =>
    props.save(key, String(form.get('slug') ?? ''), settingsFrom(form));
  return (
    <FormDialog
      title={props.title}
      action={props.isNew ? 'Create' : 'Save'}
      onClose={props.onClose}
      send={send}
    >
      {props.isNew && (
        <label>
          <span>Slug</span>
          <input
            name="slug"
            required
            maxLength={63}
            pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
            placeholder="calls"
            title="Small letters, digits and hyphens"
          />
        </label>
      )}
      <SettingsFields settings={props.settings} />
    </FormDialog>
  );
};

const ProjectCard = ({ project, onChange }: { project: Project; onChange: () => void }) => {
  const [isOpen, setOpen] = useState(false);
  const save = async (_key: string, _slug: string, settings: ProjectSettings) => {
    await api(`/projects/${project.slug}`, { method: 'PATCH', body: { settings } });
    setOpen(false);
    onChange();
  };
  const remove = async () => {
    await api(`/projects/${project.slug}`, { method: 'DELETE' });
    if (currentProject.value === project.slug) currentProject.value = '';
    onChange();
  };
  return (
    <Card
      title={project.slug}
      aside={
        <span class="quiet">
          made <Moment at={project.created_at} />
        </span>
      }
    >
      <Settings settings={project.settings} />
      <div class="card-actions">
        <button type="button" aria-label={`Change ${project.slug}`} onClick={() => setOpen(true)}>
          Change
        </button>
        {account.value?.about.reach === 'organisation' && (
          <ConfirmButton
            action="Delete"
            label={`Delete ${project.slug}`}
            title={`Delete “${project.slug}”?`}
            run={remove}
          >
            <p>Its tokens go with it, at once. Credentials go on until they expire.</p>
          </ConfirmButton>
        )}
      </div>
      {isOpen && (
        <ProjectDialog
          title={`Settings of ${project.slug}`}
          settings={project.settings}
          isNew={false}
          onClose={() => setOpen(false)}
          save={save}
        />
      )}
    </Card>
  );
};

export const ProjectsPage = () => {
  const projects = usePages<Project>('/projects');
  const [isCreating, setCreating] = useState(false);
  const create = async (key: string, slug: string, settings: ProjectSettings) => {
    await api('/projects', { method: 'POST', body: { slug, settings }, key });
    setCreating(false);
    projects.reload();
  };
  return (
    <>
      <PageHead
        title="Projects"
        lead="One for each application: its own sessions, tokens, limits and links."
      >
        {account.value?.about.reach === 'organisation' && (
          <button type="button" class="primary" onClick={() => setCreating(true)}>
            <Plus size={16} aria-hidden="true" />
            New project
          </button>
        )}
      </PageHead>
      {projects.error && <ErrorNote error={projects.error} retry={projects.reload} />}
      {!projects.items ? (
        !projects.error && <Waiting />
      ) : projects.items.length === 0 ? (
        <Empty icon={FolderKanban} title="No project." />
      ) : (
        projects.items.map((project) => (
          <ProjectCard key={project.id} project={project} onChange={projects.reload} />
        ))
      )}
      <PageTurner pages={projects} />
      {isCreating && (
        <ProjectDialog
          title="New project"
          settings={null}
          isNew
          onClose={() => setCreating(false)}
          save={create}
        />
      )}
    </>
  );
};
