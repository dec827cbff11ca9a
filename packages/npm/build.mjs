// Makes the npm packages: the launcher, and one for each platform whose program is given.
//
//   node packages/npm/build.mjs OUT [PLATFORM=PROGRAM …]      node packages/npm/build.mjs dist linux-x64=target/release/dockline
//
// OUT then holds dockline-VERSION.tgz and dockline-PLATFORM-VERSION.tgz. The platforms are those of platforms.json.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const platforms = JSON.parse(readFileSync(join(here, "platforms.json"), "utf8"));
const repository = "https://github.com/dockline/dockline";
const cargo = readFileSync(join(root, "Cargo.toml"), "utf8");

/** The value of a key of [package] in Cargo.toml. */
function cargoValue(key) {
  const found = cargo.match(new RegExp(`^${key} = "(.*)"$`, "m"));
  if (!found) throw new Error(`Cargo.toml has no ${key}`);
  return found[1];
}

/** What every package says of itself. */
function common() {
  return {
    version: cargoValue("version"),
    license: cargoValue("license"),
    repository: { type: "git", url: `git+${repository}.git` },
    homepage: repository,
  };
}

function launcher(folder) {
  cpSync(join(here, "launcher"), folder, { recursive: true });
  chmodSync(join(folder, "bin/dockline.js"), 0o755);
  const { version } = common();
  return {
    name: "dockline",
    description: cargoValue("description"),
    ...common(),
    keywords: ["dockerfile", "docker", "go", "lsp", "linter"],
    engines: { node: ">=18" },
    bin: { dockline: "bin/dockline.js" },
    files: ["bin", "LICENSE-*"],
    optionalDependencies: Object.fromEntries(Object.keys(platforms).map((name) => [`@dockline/${name}`, version])),
  };
}

function platform(folder, name, program) {
  const { os, cpu, libc, target } = platforms[name];
  const file = os === "win32" ? "bin/dockline.exe" : "bin/dockline";
  mkdirSync(join(folder, "bin"));
  copyFileSync(program, join(folder, file));
  chmodSync(join(folder, file), 0o755); // archives of build artefacts lose it
  writeFileSync(join(folder, "README.md"), `The program \`dockline\` for ${target}. Install the package \`dockline\`.\n`);
  return {
    name: `@dockline/${name}`,
    description: `dockline for ${target}`,
    ...common(),
    preferUnplugged: true, // a program can't be started out of an archive
    os: [os],
    cpu: [cpu],
    ...(libc ? { libc: [libc] } : {}),
    files: ["bin", "LICENSE-*"],
    publishConfig: { access: "public" },
  };
}

/** Packs what `fill` puts into a folder and says of it. */
function pack(out, fill) {
  const folder = mkdtempSync(join(tmpdir(), "dockline-npm-"));
  try {
    const about = fill(folder);
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(about, null, 2)}\n`);
    for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(join(root, licence), join(folder, licence));
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], shell: process.platform === "win32" };
    const printed = execFileSync(npm, ["pack", "--silent", "--pack-destination", out], options);
    process.stdout.write(`${join(out, printed.trim())}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [out, ...given] = process.argv.slice(2);
if (!out) {
  process.stderr.write("usage: build.mjs OUT [PLATFORM=PROGRAM …]\n");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
pack(resolve(out), launcher);
for (const pair of given) {
  const [name, program] = pair.split(/=(.*)/s);
  if (!(name in platforms) || !program) throw new Error(`${pair}: not PLATFORM=PROGRAM with a platform of platforms.json`);
  pack(resolve(out), (folder) => platform(folder, name, resolve(program)));
}
