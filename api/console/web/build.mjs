// Makes the page out of src/ into ../dist/ (or the directory that is named): index.html, and its script,
// style and icon under names that carry the hash of their contents.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { landOutline } from './land_outline.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const output = path.resolve(process.argv[2] ?? path.join(here, '../dist'));

/** The continents are drawn when the page is built: `import { borders, land } from 'land-outline'`. */
const landPlugin = {
  name: 'land-outline',
  setup(build) {
    build.onResolve({ filter: /^land-outline$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'land',
    }));
    build.onLoad({ filter: /.*/, namespace: 'land' }, async () => ({
      loader: 'json',
      contents: JSON.stringify(await landOutline()),
    }));
  },
};

const { outputFiles } = await esbuild.build({
  entryPoints: [path.join(here, 'src/main.tsx')],
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['chrome123', 'firefox128', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  outdir: output,
  write: false,
  plugins: [landPlugin],
});

const files = new Map();
const addFile = (name, extension, contents) => {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 12);
  const hashed = `${name}-${hash}${extension}`;
  files.set(hashed, contents);
  return hashed;
};

const names = { icon: addFile('icon', '.svg', await readFile(path.join(here, 'src/icon.svg'))) };
for (const { path: made, contents } of outputFiles) {
  const extension = path.extname(made);
  names[extension === '.css' ? 'style' : 'script'] = addFile('console', extension, contents);
}
const template = await readFile(path.join(here, 'src/index.html'), 'utf8');
files.set(
  'index.html',
  template.replace(/\{(icon|style|script)\}/g, (_, name) => `/console/files/${names[name]}`),
);

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await Promise.all([...files].map(([name, contents]) => writeFile(path.join(output, name), contents)));
