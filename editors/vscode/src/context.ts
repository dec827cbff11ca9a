// What `dockline context --format json` says of one Dockerfile. Knows nothing of VS Code.

export interface Context {
  /** The folder of the build context; `undefined` where it can't be found out. */
  folder?: string;
  why?: string;
  modules: string[];
}

interface Report {
  version: number;
  files: { context: { dir: string; why: string } | null; modules: { dir: string; path: string }[] }[];
}

/** Reads the report; `undefined` where it says nothing of the file. */
export function readContext(printed: string): Context | undefined {
  const report = JSON.parse(printed) as Report;
  const file = report.files[0];
  return file && { folder: file.context?.dir, why: file.context?.why, modules: file.modules.map((module) => module.path) };
}

/** One line for the status item. */
export function contextLine(context: Context | undefined): string {
  if (!context?.folder) {
    return 'build context unknown';
  }
  const modules = context.modules.length > 0 ? `, ${context.modules.join(', ')}` : '';
  return `context ${context.folder}${modules}`;
}

/** `3 findings` */
export function count(findings: number): string {
  return findings === 1 ? '1 finding' : `${findings === 0 ? 'no' : findings} findings`;
}

/** The arguments of `docker` that build one stage, the last one without a name. */
export function buildArguments(dockerfile: string, stage: string | null, context: string): string[] {
  return ['build', '--file', dockerfile, ...(stage === null ? [] : ['--target', stage]), context];
}
