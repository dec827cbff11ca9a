// The item in the status bar's language menu: version, build context, findings.
import {
  languages,
  LanguageStatusSeverity,
  window,
  workspace,
  type Disposable,
  type TextDocument,
  type Uri,
} from 'vscode';

import type { Server } from './client';
import { folderOf } from './commands';
import { contextLine, count, readContext, type Context } from './context';

/** Shows the state of the server for the Dockerfile that is open. */
export function register(server: Server): Disposable[] {
  const item = languages.createLanguageStatusItem('dockline.status', { language: 'dockerfile' });
  item.name = 'dockline';
  const known = new Map<string, Context | undefined>();
  const draw = () => drawItem(item, server, known);
  const look = async (document: TextDocument | undefined) => {
    if (document?.languageId === 'dockerfile' && document.uri.scheme === 'file' && server.client) {
      known.set(document.uri.toString(), await ask(server, document.uri));
    }
    draw();
  };
  draw();
  return [
    item,
    server.onDidChange(() => void look(window.activeTextEditor?.document)),
    window.onDidChangeActiveTextEditor((editor) => void look(editor?.document)),
    workspace.onDidSaveTextDocument((document) => void look(document)),
    workspace.onDidCloseTextDocument((document) => known.delete(document.uri.toString())),
    languages.onDidChangeDiagnostics(draw),
  ];
}

async function ask(server: Server, uri: Uri): Promise<Context | undefined> {
  try {
    return readContext(await server.run(['context', '--format', 'json', uri.fsPath], folderOf(uri)));
  } catch (error) {
    server.log.debug(`no build context: ${(error as Error).message}`);
    return undefined;
  }
}

function drawItem(item: ReturnType<typeof languages.createLanguageStatusItem>, server: Server, known: Map<string, Context | undefined>): void {
  const uri = window.activeTextEditor?.document.uri;
  item.busy = false;
  item.severity = LanguageStatusSeverity.Information;
  item.command = { title: 'Show Output', command: 'dockline.showOutput' };
  if (server.problem) {
    item.severity = LanguageStatusSeverity.Error;
    item.text = 'dockline is not running';
    item.detail = server.problem;
    item.command = { title: 'Restart', command: 'dockline.restartServer' };
    return;
  }
  if (!server.client) {
    item.text = server.isStarting ? 'dockline is starting' : 'dockline is off';
    item.busy = server.isStarting;
    item.detail = undefined;
    return;
  }
  item.text = `dockline ${server.version}`;
  if (uri) {
    const findings = languages.getDiagnostics(uri).filter((found) => found.source === 'dockline').length;
    item.detail = `${count(findings)}, ${contextLine(known.get(uri.toString()))}`;
    item.command = { title: 'Context', command: 'dockline.showBuildContext' };
  }
}
