// Where the server is and whether it fits. Knows nothing of VS Code.
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';

/** The oldest server that this extension works with. */
export const OLDEST = '0.1.0';

/** How long a program may take to say its version. */
const PATIENCE_MS = 10_000;

/** Who named the program. */
export type Source = 'setting' | 'bundled' | 'PATH';

export interface Found {
  path: string;
  source: Source;
}

/** What decides which program is started. */
export interface Surroundings {
  /** `dockline.server.path` */
  setting: string | null | undefined;
  /** The folder of the extension. */
  extension: string;
  /** The first workspace folder: relative paths start there. */
  workspace: string | undefined;
  /** The PATH that the server would have. */
  searchPath: string | undefined;
  platform: NodeJS.Platform;
  isProgram(file: string): boolean;
}

/** A sentence for the user. */
export class ServerError extends Error {}

/** The setting, else the program that came with the extension, else the one on PATH. */
export function find(around: Surroundings): Found {
  const wanted = around.setting?.trim();
  if (wanted) {
    const named = fromSetting(wanted, around);
    if (!named) {
      throw new ServerError(`dockline.server.path is "${wanted}", and there is no such program.`);
    }
    return { path: named, source: 'setting' };
  }
  const bundled = path.join(around.extension, 'server', program('dockline', around.platform));
  if (around.isProgram(bundled)) {
    return { path: bundled, source: 'bundled' };
  }
  const onPath = search('dockline', around);
  if (onPath) {
    return { path: onPath, source: 'PATH' };
  }
  throw new ServerError(
    'The program dockline was not found: this build of the extension has none for your system, and PATH has none either. ' +
      'Install it, or name it in dockline.server.path.',
  );
}

function fromSetting(wanted: string, around: Surroundings): string | undefined {
  const home = wanted.replace(/^~(?=[/\\])/, homedir());
  const named = home.replaceAll('${workspaceFolder}', around.workspace ?? '');
  if (!/[/\\]/.test(named)) {
    return search(named, around);
  }
  const whole = path.isAbsolute(named) ? named : path.resolve(around.workspace ?? '', named);
  return around.isProgram(whole) ? whole : undefined;
}

function search(name: string, around: Surroundings): string | undefined {
  const folders = (around.searchPath ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const files = folders.map((folder) => path.join(folder, program(name, around.platform)));
  return files.find((file) => around.isProgram(file));
}

function program(name: string, platform: NodeJS.Platform): string {
  return platform === 'win32' && !name.endsWith('.exe') ? `${name}.exe` : name;
}

/** True for a file that may be started. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The version that `dockline --version` prints; `undefined` where it is another program. */
export function readVersion(printed: string): string | undefined {
  return /^dockline (\d+\.\d+\.\d+\S*)\s*$/.exec(printed)?.[1];
}

/** True when `version` is older than `than`; what stands behind a dash does not count. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split(/[-+]/)[0].split('.').map(Number);
  const [left, right] = [numbers(version), numbers(than)];
  const differs = left.findIndex((part, index) => part !== right[index]);
  return differs >= 0 && left[differs] < right[differs];
}

/** Asks a program for its version; an error when it is no dockline or too old. */
export async function checkVersion(found: Found, env: NodeJS.ProcessEnv): Promise<string> {
  const place = `${found.path} (${found.source === 'setting' ? 'dockline.server.path' : found.source})`;
  let printed: string;
  try {
    printed = await run(found.path, ['--version'], { env });
  } catch (error) {
    throw new ServerError(`${place} can't be started: ${(error as Error).message}`);
  }
  const version = readVersion(printed);
  if (!version) {
    throw new ServerError(`${place} does not say that it is dockline: it answers --version with "${printed.trim().slice(0, 80)}".`);
  }
  if (isOlder(version, OLDEST)) {
    throw new ServerError(`${place} is dockline ${version}; this extension needs ${OLDEST} or newer.`);
  }
  return version;
}

/** Runs a program and gives what it prints. */
export function run(file: string, args: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { ...options, timeout: PATIENCE_MS, windowsHide: true }, (error, out, err) => {
      if (error) {
        reject(new Error(err.trim() || error.message));
      } else {
        resolve(out);
      }
    });
  });
}
