// Which project the pages are about, for a token of the whole organisation.
import { account, may, project } from '../api/account';
import { readNames } from '../api/read_all';
import type { Organisation, Project } from '../api/types';
import { useQuery } from '../api/use_query';
import { count } from './format';

const Choice = () => {
  const projects = useQuery('/projects', 0, readNames<Project>);
  const organisation = useQuery<Organisation>('/organisation');
  const slugs = projects.data?.items.map(({ slug }) => slug) ?? [];
  const current = project.value || organisation.data?.default_project;
  const failed = projects.error ? projects : organisation;
  if (failed.error) {
    return (
      <button type="button" class="small" title={failed.error.message} onClick={failed.reload}>
        Projects: try again
      </button>
    );
  }
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
      {projects.data?.isCut && <option disabled>only the first {count(slugs.length)}</option>}
    </select>
  );
};

export const ProjectChoice = () =>
  account.value?.about.reach === 'organisation' && may('projects:admin') ? <Choice /> : null;
