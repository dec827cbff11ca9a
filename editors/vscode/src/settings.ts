// What the server is told of the settings. Knows nothing of VS Code.

/** What VS Code knows of one setting, from the weakest place to the strongest. */
export interface Inspected {
  globalValue?: unknown;
  workspaceValue?: unknown;
  workspaceFolderValue?: unknown;
}

export interface Table {
  [key: string]: unknown;
}

/** Settings of the extension itself. */
const OWN = /^dockline\.(enable$|server\.|trace\.)/;

/** The keys of the server's settings without `dockline.`, from what package.json contributes. */
export function serverKeys(properties: Table): string[] {
  const keys = Object.keys(properties).filter((key) => key.startsWith('dockline.') && !OWN.test(key));
  return keys.map((key) => key.slice('dockline.'.length));
}

/**
 * The settings that somebody has written down, as the tables of dockline.toml. Defaults are left out: they would win over
 * dockline.toml, which lies beside the Dockerfile.
 */
export function written(keys: string[], inspect: (key: string) => Inspected | undefined): Table {
  const all: Table = {};
  for (const key of keys) {
    const value = strongest(inspect(key));
    if (value !== undefined) {
      put(all, key.split('.'), value);
    }
  }
  return all;
}

function strongest(found: Inspected | undefined): unknown {
  const values = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue];
  return values.filter((value) => value !== undefined && value !== null).reduce(over, undefined);
}

/** Tables are merged, as VS Code does it. */
function over(base: unknown, top: unknown): unknown {
  return isTable(base) && isTable(top) ? { ...base, ...top } : top;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function put(table: Table, path: string[], value: unknown): void {
  const [first, ...rest] = path;
  if (rest.length === 0) {
    table[first] = value;
    return;
  }
  table[first] ??= {};
  put(table[first] as Table, rest, value);
}
