// The channel that shows what the editor and the server say to each other.
import { EventEmitter, LogLevel, window, workspace, type LogOutputChannel } from 'vscode';

/**
 * The client writes a trace where the level of the channel is `trace`. Here the level follows `dockline.trace.server`, so that
 * one setting is enough.
 */
export function traceChannel(): LogOutputChannel {
  const channel = window.createOutputChannel('dockline trace', { log: true });
  const changed = new EventEmitter<LogLevel>();
  const level = () => {
    const wanted = workspace.getConfiguration('dockline').get('trace.server', 'off');
    return wanted === 'off' ? LogLevel.Off : LogLevel.Trace;
  };
  const listener = workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('dockline.trace.server')) {
      changed.fire(level());
    }
  });
  return new Proxy(channel, {
    get(target, name) {
      switch (name) {
        case 'logLevel':
          return level();
        case 'onDidChangeLogLevel':
          return changed.event;
        case 'trace':
          return (message: string) => target.info(message);
        case 'dispose':
          return () => {
            listener.dispose();
            changed.dispose();
            target.dispose();
          };
        default: {
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        }
      }
    },
  });
}
