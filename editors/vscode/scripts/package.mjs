// Packs the extension: `npm run package` without a server, or
// `npm run package -- --target linux-x64 --binary ../../target/release/dockline [--out FOLDER]` with one.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

const TARGETS = [
  'alpine-arm64', 'alpine-x64', 'darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-armhf', 'linux-x64', 'win32-arm64', 'win32-x64',
];
/** Whole folders, the folder of the extension and that of the repository. */
const here = path.resolve(import.meta.dirname, '..');
const root = path.resolve(here, '../..');
const called = process.env.INIT_CWD ?? process.cwd();

const { values } = parseArgs({
  options: { target: { type: 'string' }, binary: { type: 'string' }, out: { type: 'string', default: here } },
});

function stop(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}

if ((values.target === undefined) !== (values.binary === undefined)) {
  stop('--target and --binary belong together');
}
if (values.target !== undefined && !TARGETS.includes(values.target)) {
  stop(`there is no target ${values.target}; there are ${TARGETS.join(', ')}`);
}

const { version } = JSON.parse(readFileSync(path.join(here, 'package.json'), 'utf8'));
const folder = path.join(here, 'server');
const file = path.resolve(called, values.out, `dockline-${values.target ?? 'universal'}-${version}.vsix`);
const repository = 'https://github.com/dockline/dockline';

rmSync(folder, { recursive: true, force: true });
if (values.binary !== undefined) {
  const program = path.join(folder, values.target.startsWith('win32') ? 'dockline.exe' : 'dockline');
  mkdirSync(folder);
  copyFileSync(path.resolve(called, values.binary), program);
  chmodSync(program, 0o755);
}
for (const license of ['LICENSE-MIT', 'LICENSE-APACHE']) {
  copyFileSync(path.join(root, license), path.join(here, license));
}
mkdirSync(path.dirname(file), { recursive: true });
execFileSync('npm', ['run', '--silent', 'build', '--', '--minify', '--log-level=warning'], { cwd: here, stdio: 'inherit' });

const args = ['package', '--no-dependencies', '--out', file];
args.push('--baseContentUrl', `${repository}/blob/HEAD/editors/vscode`, '--baseImagesUrl', `${repository}/raw/HEAD/editors/vscode`);
if (values.target !== undefined) {
  args.push('--target', values.target);
}
const packed = spawnSync(path.join(here, 'node_modules/.bin/vsce'), args, { cwd: here, encoding: 'utf8' });
const said = `${packed.stdout}${packed.stderr}`;
process.stdout.write(said);
rmSync(folder, { recursive: true, force: true });
if (packed.status !== 0) {
  stop(`vsce ended with code ${packed.status}`);
}
if (said.includes('WARNING')) {
  stop('vsce warns');
}
