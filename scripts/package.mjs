/**
 * `npm run package`: makes the packages from what `npm run build` left in dist/: a Debian package and the npm tarball.
 * They go to packages/, or to the folder that is given as the argument.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { controlFile, copyright, maintainerScripts } from './debian.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const outFolder = resolve(process.argv[2] ?? join(root, 'packages'));
const debianArchitecture = { x64: 'amd64', arm64: 'arm64', arm: 'armhf', riscv64: 'riscv64', ppc64: 'ppc64el' }[
  process.arch
];

// A helper process loads it by its path; the optional packages are a native one and one that few need.
const foundAtRunTime = ['systeminformation'];

// What plugins import has its types; whoever only runs plugins gets by without.
const neededByTypes = ['zod'];

/** The moment that all files of a package bear, so that the same source gives the same bytes. */
function sourceDate() {
  if (process.env['SOURCE_DATE_EPOCH'] !== undefined) return process.env['SOURCE_DATE_EPOCH'];
  try {
    const git = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['log', '-1', '--format=%ct'], git).trim();
  } catch {
    return String(Math.floor(statSync(join(root, 'package.json')).mtimeMs / 1000));
  }
}

function put(file, content, mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
}

function copy(from, to) {
  put(to, readFileSync(join(root, from)));
}

/** What documentation says of compressed files: no name, no time, best compression. */
function putCompressed(file, text) {
  put(`${file}.gz`, gzipSync(text, { level: 9 }));
}

function filesBelow(folder, relative = '') {
  return readdirSync(join(folder, relative), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(relative, entry.name);
      return entry.isDirectory() ? filesBelow(folder, path) : entry.isFile() ? [path] : [];
    })
    .sort((one, other) => (one < other ? -1 : 1));
}

/** The packages that are looked for beside the bundle, and what they need. */
function packagesBeside() {
  const found = new Map();
  const visit = (name) => {
    const folder = join(root, 'node_modules', name);
    if (found.has(name) || !existsSync(folder)) return;
    found.set(name, folder);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    for (const next of [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]) visit(next);
  };
  for (const name of [...foundAtRunTime, ...Object.keys(manifest.optionalDependencies ?? {})]) visit(name);
  return found;
}

/** What of a package is needed to run it on Debian. */
function isNeeded(folder) {
  return (path) => {
    const inside = path.slice(folder.length);
    if (/\/(?:musl_\w+|doc|vendor|native|abi)(?:\/|$)/.test(inside)) return false;
    return !/\.(?:map|d\.[cm]?ts|md|cc|hh|inc|def|S|asm)$|CMakeLists|cnoke/.test(inside);
  };
}

function run(program, args) {
  return execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Lays out the files of the Debian package below `tree`. */
function layOut(tree) {
  const library = join(tree, 'usr/lib/vitald');
  for (const file of filesBelow(join(root, 'dist'))) {
    const isProgram = file === 'vitald.js';
    put(join(library, 'dist', file), readFileSync(join(root, 'dist', file)), isProgram ? 0o755 : 0o644);
  }
  for (const [name, folder] of packagesBeside()) {
    cpSync(folder, join(library, 'node_modules', name), { recursive: true, filter: isNeeded(folder) });
  }
  const { name, version, description, license, type, types, exports } = manifest;
  const kept = { name, version, description, license, type, types, exports };
  put(join(library, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);
  for (const file of [
    'vitald.yml',
    'openapi.json',
    ...filesBelow(join(root, 'config/templates')).map((name) => join('templates', name)),
  ]) {
    copy(join('config', file), join(library, 'config', file));
  }
  copy('config/vitald.yml', join(tree, 'etc/vitald/vitald.yml'));
  mkdirSync(join(tree, 'usr/bin'), { recursive: true });
  symlinkSync('../lib/vitald/dist/vitald.js', join(tree, 'usr/bin/vitald'));

  for (const unit of ['vitald.service', 'vitald.socket'])
    copy(`systemd/${unit}`, join(tree, 'usr/lib/systemd/system', unit));

  const program = join(library, 'dist/vitald.js');
  const completions = (shell) => run(process.execPath, [program, 'completions', shell]);
  put(join(tree, 'usr/share/bash-completion/completions/vitald'), completions('bash'));
  put(join(tree, 'usr/share/zsh/vendor-completions/_vitald'), completions('zsh'));
  put(join(tree, 'usr/share/fish/vendor_completions.d/vitald.fish'), completions('fish'));
  const manual = run(process.execPath, ['--import', 'tsx', 'scripts/man-page.ts']);
  putCompressed(join(tree, 'usr/share/man/man1/vitald.1'), manual);

  const documents = join(tree, 'usr/share/doc/vitald');
  put(join(documents, 'copyright'), copyright(license));
  putCompressed(join(documents, 'changelog'), readFileSync(join(root, 'CHANGELOG.md')));
  copy('systemd/README.md', join(documents, 'README.md'));
  for (const [from, to] of [
    ['systemd/vitald.service.d', 'vitald.service.d'],
    ['config/examples', 'config'],
    ['config/grafana', 'grafana'],
    ['config/prometheus', 'prometheus'],
  ]) {
    for (const file of filesBelow(join(root, from))) copy(join(from, file), join(documents, 'examples', to, file));
  }
}

/** Folders 0755, files as they were put: the mask of whoever builds must not show. */
function normalizeFolders(folder) {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) normalizeFolders(path);
    else if (entry.isFile()) chmodSync(path, (statSync(path).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}

function debianPackage() {
  if (debianArchitecture === undefined) throw new Error(`no Debian architecture is known for ${process.arch}`);
  const tree = mkdtempSync(join(tmpdir(), 'vitald-deb-'));
  try {
    layOut(tree);
    const files = filesBelow(tree);
    const sums = files
      .filter((file) => !file.startsWith('etc/'))
      .map(
        (file) =>
          `${createHash('md5')
            .update(readFileSync(join(tree, file)))
            .digest('hex')}  ${file}\n`,
      );
    const kilobytes = files.reduce((sum, file) => sum + Math.ceil(statSync(join(tree, file)).size / 1024), 0);
    put(join(tree, 'DEBIAN/control'), controlFile(manifest, { architecture: debianArchitecture, kilobytes }));
    put(join(tree, 'DEBIAN/conffiles'), '/etc/vitald/vitald.yml\n');
    put(join(tree, 'DEBIAN/md5sums'), sums.join(''));
    normalizeFolders(tree);
    for (const [name, text] of Object.entries(maintainerScripts)) put(join(tree, 'DEBIAN', name), text, 0o755);
    const file = join(outFolder, `vitald_${manifest.version}_${debianArchitecture}.deb`);
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SOURCE_DATE_EPOCH: sourceDate() },
    });
    return file;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** The tarball for npm. Most of what the program needs is in the bundle, and its manifest asks for the rest only. */
function npmTarball() {
  const stage = mkdtempSync(join(tmpdir(), 'vitald-npm-'));
  try {
    const { devDependencies: _dev, overrides: _overrides, scripts: _scripts, ...kept } = manifest;
    const needed = [...foundAtRunTime, ...neededByTypes];
    kept.dependencies = Object.fromEntries(needed.map((name) => [name, manifest.dependencies[name]]));
    put(join(stage, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);
    for (const path of kept.files) {
      if (existsSync(join(root, path))) cpSync(join(root, path), join(stage, path), { recursive: true });
    }
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', outFolder, stage];
    const [{ filename }] = JSON.parse(run('npm', args));
    return join(outFolder, basename(filename));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (!existsSync(join(root, 'dist/vitald.js'))) throw new Error('there is no dist/: run npm run build first');
mkdirSync(outFolder, { recursive: true });
for (const file of [debianPackage(), npmTarball()]) {
  process.stdout.write(`${file} ${(statSync(file).size / 1024).toFixed(0)} KB\n`);
}
