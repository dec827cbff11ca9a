// The commands of the palette.
import * as path from 'node:path';
import {
  commands,
  EventEmitter,
  ProcessExecution,
  Task,
  tasks,
  TaskScope,
  Uri,
  window,
  workspace,
  type Disposable,
  type TextDocument,
  type TextEditor,
} from 'vscode';
import {
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeActionTriggerKind,
  ExecuteCommandRequest,
  ResponseError,
  type CodeAction,
  type LanguageClient,
} from 'vscode-languageclient/node';

import type { Server } from './client';
import { buildArguments, readContext } from './context';

/** The action of `dockline.convertToMultiStage`, as the server calls it. */
const CONVERT = 'convert to multi-stage';
/** Documents that show the build context of a Dockerfile. */
const SCHEME = 'dockline-context';

/** Registers all commands. */
export function register(server: Server): Disposable[] {
  const command = (name: string, run: (...args: never[]) => unknown) =>
    commands.registerCommand(`dockline.${name}`, async (...args: never[]) => {
      try {
        await run(...args);
      } catch (error) {
        void window.showErrorMessage(`dockline: ${(error as Error).message}`);
      }
    });
  const contexts = new Contexts(server);
  return [
    command('restartServer', () => server.restart()),
    command('showOutput', () => server.log.show()),
    command('showTrace', () => server.trace.show()),
    command('newDockerfile', (folder?: Uri) => newDockerfile(client(server), folder)),
    command('convertToMultiStage', () => convert(client(server))),
    command('showBuildContext', () => contexts.show(dockerfile().document)),
    command('buildStage', (uri: string, stage: string | null) => buildStage(server, Uri.parse(uri), stage)),
    workspace.registerTextDocumentContentProvider(SCHEME, contexts),
  ];
}

function client(server: Server): LanguageClient {
  if (!server.client) {
    throw new Error(server.problem ?? 'the server is not running');
  }
  return server.client;
}

function dockerfile(): TextEditor {
  const editor = window.activeTextEditor;
  if (editor?.document.languageId !== 'dockerfile') {
    throw new Error('open a Dockerfile first');
  }
  return editor;
}

/** Lets the server write a Dockerfile for the Go module of a folder, and opens it. */
async function newDockerfile(client: LanguageClient, clicked?: Uri): Promise<void> {
  const folder = clicked ? folderAt(clicked) : await pickFolder();
  if (!folder) {
    return;
  }
  const uri = Uri.joinPath(folder, 'Dockerfile');
  // The answer of the server comes before the edit.
  const listener = workspace.onDidCreateFiles(({ files }) => {
    if (files.some((file) => file.toString() === uri.toString())) {
      listener.dispose();
      void window.showTextDocument(uri);
    }
  });
  const asked = await generate(client, client.code2ProtocolConverter.asUri(folder)).catch((error: unknown) => {
    listener.dispose();
    throw error;
  });
  if (!asked) {
    listener.dispose();
  }
}

/** Asks for the Dockerfile of a folder; false when the user doesn't choose one of several programs. */
async function generate(client: LanguageClient, folder: string): Promise<boolean> {
  const ask = (...args: string[]) =>
    client.sendRequest(ExecuteCommandRequest.type, { command: 'dockline.generateDockerfile', arguments: args });
  try {
    await ask(folder);
    return true;
  } catch (error) {
    const titles = error instanceof ResponseError ? (error.data as { titles?: string[] } | undefined)?.titles : undefined;
    if (!titles) {
      throw error;
    }
    const title = await window.showQuickPick(titles, { placeHolder: 'Which program?' });
    if (title) {
      await ask(folder, title);
    }
    return title !== undefined;
  }
}

/** The folder of a go.mod that was clicked on. */
function folderAt(clicked: Uri): Uri {
  return path.posix.basename(clicked.path) === 'go.mod' ? Uri.joinPath(clicked, '..') : clicked;
}

async function pickFolder(): Promise<Uri | undefined> {
  const modules = await workspace.findFiles('**/go.mod', '**/{vendor,node_modules}/**', 200);
  const folders = modules.map((uri) => Uri.joinPath(uri, '..'));
  if (folders.length < 2) {
    return folders[0] ?? workspace.workspaceFolders?.[0]?.uri;
  }
  const items = folders.map((uri) => ({ label: workspace.asRelativePath(uri), uri }));
  items.sort((left, right) => left.label.localeCompare(right.label));
  return (await window.showQuickPick(items, { placeHolder: 'For the Go module of which folder?' }))?.uri;
}

/** Applies the refactoring at the last instruction, where it is offered if anywhere. */
async function convert(client: LanguageClient): Promise<void> {
  const { document } = dockerfile();
  const line = lastLine(document);
  const answer = await client.sendRequest(CodeActionRequest.type, {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
    range: { start: { line, character: 0 }, end: { line, character: 0 } },
    context: { diagnostics: [], only: ['refactor.rewrite'], triggerKind: CodeActionTriggerKind.Invoked },
  });
  const actions = (answer ?? []).filter((action): action is CodeAction => 'kind' in action);
  const found = actions.filter((action) => action.title.toLowerCase().startsWith(CONVERT));
  const usable = found.find((action) => !action.disabled);
  if (!usable) {
    void window.showInformationMessage(`dockline: ${found[0]?.disabled?.reason ?? 'nothing here can be converted to multi-stage'}`);
    return;
  }
  const whole = usable.edit ? usable : await client.sendRequest(CodeActionResolveRequest.type, usable);
  const edit = await client.protocol2CodeConverter.asWorkspaceEdit(whole.edit);
  if (edit) {
    await workspace.applyEdit(edit);
  }
}

/** The last line with something on it. */
function lastLine(document: TextDocument): number {
  let line = document.lineCount - 1;
  while (line > 0 && document.lineAt(line).isEmptyOrWhitespace) {
    line -= 1;
  }
  return line;
}

/** Builds a stage in a terminal: what the code lenses above stages ask for. */
async function buildStage(server: Server, uri: Uri, stage: string | null): Promise<void> {
  const cwd = folderOf(uri);
  const context = readContext(await server.run(['context', '--format', 'json', uri.fsPath], cwd));
  const args = buildArguments(uri.fsPath, stage, context?.folder ?? path.dirname(uri.fsPath));
  const name = stage === null ? 'build' : `build ${stage}`;
  const run = new ProcessExecution('docker', args, { cwd });
  await tasks.executeTask(new Task({ type: 'dockline' }, TaskScope.Workspace, name, 'dockline', run));
}

/** The workspace folder of a file, else its own: names are shown as seen from there. */
export function folderOf(uri: Uri): string {
  return workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? path.dirname(uri.fsPath);
}

/** What `dockline context` prints, as a document that can't be changed. */
class Contexts {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {}

  async show(document: TextDocument): Promise<void> {
    if (document.uri.scheme !== 'file') {
      throw new Error('the file has to be saved first');
    }
    const uri = Uri.from({ scheme: SCHEME, path: `${document.uri.path}: build context`, query: document.uri.toString() });
    this.changed.fire(uri);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: true });
  }

  provideTextDocumentContent(uri: Uri): Promise<string> {
    const file = Uri.parse(uri.query);
    return this.server.run(['context', file.fsPath], folderOf(file));
  }
}
