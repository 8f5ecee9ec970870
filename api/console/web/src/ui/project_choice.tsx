// Which project the pages are about, for a token of the whole organisation.
import { account, may, project } from '../api/account';
import type { Organisation, Page, Project } from '../api/types';
import { useQuery } from '../api/use_query';

const Choice = () => {
  const projects = useQuery<Page<Project>>('/projects?limit=100');
  const organisation = useQuery<Organisation>('/organisation');
  const slugs = projects.data?.items.map(({ slug }) => slug) ?? [];
  const current = project.value || organisation.data?.default_project;
  if (slugs.length < 2 || !current) return null;
  return (
    <select
      class="project-choice"
      aria-label="Project"
      value={current}
      onChange={(event) => {
        project.value = event.currentTarget.value;
      }}
    >
      {slugs.map((slug) => (
        <option key={slug} value={slug}>
          {slug}
        </option>
      ))}
    </select>
  );
};

export const ProjectChoice = () =>
  account.value?.about.reach === 'organisation' && may('projects:admin') ? <Choice /> : null;
