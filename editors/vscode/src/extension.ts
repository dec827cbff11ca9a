// The extension: a server, its settings, the commands and the status.
import { workspace, type ExtensionContext } from 'vscode';

import { Server } from './client';
import * as commands from './commands';
import * as status from './status';

/** Settings that the server has to be started anew for. */
const START = ['dockline.enable', 'dockline.server'];

let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  server = new Server(context);
  const running = server;
  context.subscriptions.push(
    running,
    ...commands.register(running),
    ...status.register(running),
    workspace.onDidChangeConfiguration((event) => {
      if (START.some((section) => event.affectsConfiguration(section))) {
        void running.restart();
      }
    }),
    workspace.onDidGrantWorkspaceTrust(() => void running.restart()),
  );
  await running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
