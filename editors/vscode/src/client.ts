// Starts and stops the server, and tells the user when that fails.
import { commands, EventEmitter, window, workspace, type Disposable, type ExtensionContext } from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ErrorHandler,
  type LanguageClientOptions,
} from 'vscode-languageclient/node';

import { Queue } from './queue';
import { checkVersion, find, isProgram, OLDEST, run, ServerError, type Found } from './server';
import { serverKeys, written, type Table } from './settings';
import { traceChannel } from './trace';

/** How long the server may take to end. */
const STOP_MS = 3000;

/** The server as the user knows it: on, off, or in the way. */
export class Server implements Disposable {
  readonly log = window.createOutputChannel('dockline', { log: true });
  readonly trace = traceChannel();
  /** The program, once it is known. */
  found: Found | undefined;
  version: string | undefined;
  /** Why there is no server. */
  problem: string | undefined;

  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly queue = new Queue();
  private current: LanguageClient | undefined;
  /** The current client has been running. */
  private ran = false;

  constructor(private readonly context: ExtensionContext) {}

  /** The client, while it may be asked. */
  get client(): LanguageClient | undefined {
    return this.current?.state === State.Running ? this.current : undefined;
  }

  get isStarting(): boolean {
    return this.current?.state === State.Starting;
  }

  start(): Promise<void> {
    return this.queue.add(() => this.startNow());
  }

  stop(): Promise<void> {
    return this.queue.add(() => this.stopNow());
  }

  restart(): Promise<void> {
    return this.queue.add(async () => {
      await this.stopNow();
      await this.startNow();
    });
  }

  dispose(): void {
    this.changed.dispose();
    this.trace.dispose();
    this.log.dispose();
  }

  /** Runs the program of the server with other arguments. */
  async run(args: string[], cwd?: string): Promise<string> {
    if (!this.found) {
      throw new ServerError(this.problem ?? 'dockline is not running');
    }
    return run(this.found.path, args, { env: environment(), cwd });
  }

  private async startNow(): Promise<void> {
    const settings = workspace.getConfiguration('dockline');
    this.problem = undefined;
    if (this.current || !settings.get('enable', true)) {
      this.changed.fire();
      return;
    }
    try {
      const env = environment();
      this.found = find({
        setting: settings.get<string | null>('server.path'),
        extension: this.context.extensionPath,
        workspace: workspace.workspaceFolders?.[0]?.uri.fsPath,
        searchPath: env.PATH ?? env.Path,
        platform: process.platform,
        isProgram,
      });
      this.version = await checkVersion(this.found, env);
      this.log.info(`dockline ${this.version}: ${this.found.path} (${this.found.source}); needed is ${OLDEST} or newer`);
      const args = ['lsp', ...settings.get<string[]>('server.args', [])];
      const executable = { command: this.found.path, args, options: { env } };
      this.current = new LanguageClient('dockline', 'dockline', executable, this.options());
      this.current.onDidChangeState(() => this.changed.fire());
      this.ran = false;
      await this.current.start();
      this.ran = true;
    } catch (error) {
      await this.failed(error as Error);
    }
    this.changed.fire();
  }

  private async stopNow(): Promise<void> {
    const client = this.current;
    this.current = undefined;
    try {
      await client?.dispose(STOP_MS);
    } catch (error) {
      this.log.warn(`the server did not end as it should: ${(error as Error).message}`);
    }
    this.changed.fire();
  }

  private async failed(error: Error): Promise<void> {
    this.problem = error.message;
    this.log.error(error.message);
    await this.stopNow();
    const open = 'Open Settings';
    void this.ask(`dockline: ${error.message}`, open).then((answer) => {
      if (answer === open) {
        void commands.executeCommand('workbench.action.openSettings', 'dockline.server');
      }
    });
  }

  private async ask(message: string, button: string): Promise<string | undefined> {
    const show = 'Show Output';
    const answer = await window.showErrorMessage(message, button, show);
    if (answer === show) {
      this.log.show();
    }
    return answer;
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: ['file', 'untitled'].map((scheme) => ({ language: 'dockerfile', scheme })),
      outputChannel: this.log,
      traceOutputChannel: this.trace,
      initializationOptions: { dockline: this.written() },
      initializationFailedHandler: () => false,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      errorHandler: this.errorHandler(),
      middleware: {
        workspace: {
          didChangeConfiguration: async (sections, next) => {
            try {
              await next(sections);
            } catch (error) {
              // The change may be that the server is switched off.
              if (this.client) {
                throw error;
              }
            }
          },
          configuration: async (params, token, next) => {
            const answer = await next(params, token);
            const all = Array.isArray(answer) ? answer : [];
            return params.items.map((item, index) => (item.section === 'dockline' ? this.written() : all[index]));
          },
        },
      },
    };
  }

  /** What the server is told: settings that are written down somewhere. */
  private written(): Table {
    const properties = this.context.extension.packageJSON.contributes.configuration as { properties: Table }[];
    const keys = properties.flatMap((section) => serverKeys(section.properties));
    const settings = workspace.getConfiguration('dockline');
    return written(keys, (key) => settings.inspect(key));
  }

  /** A server that ends by itself is started again, unless it does so all the time. */
  private errorHandler(): ErrorHandler {
    let standard: ErrorHandler | undefined;
    return {
      // A pipe that broke: the server has ended, or will be told to.
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: async () => {
        // Of a first start that fails tells whoever starts it.
        if (!this.current || !this.ran) {
          return { action: CloseAction.DoNotRestart, handled: true };
        }
        standard ??= this.current.createDefaultErrorHandler();
        const result = await standard.closed();
        if (result.action === CloseAction.DoNotRestart) {
          void this.gaveUp(result.message ?? 'The server ended.');
        }
        return { ...result, handled: true };
      },
    };
  }

  private async gaveUp(message: string): Promise<void> {
    this.problem = message;
    const restart = 'Restart';
    if ((await this.ask(message, restart)) === restart) {
      await this.restart();
    }
  }
}

/** The variables of the server. */
function environment(): NodeJS.ProcessEnv {
  const extra = workspace.getConfiguration('dockline').get<Record<string, string>>('server.extraEnv', {});
  return { ...process.env, ...extra };
}
