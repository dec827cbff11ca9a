#!/usr/bin/env node
// Starts the dockline of this platform: same arguments, same standard streams, same exit code.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { optionalDependencies } = require("../package.json");

/** The packages that may have a program for this machine, the best one first. */
function candidates() {
  const name = `@dockline/${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return [name];
  // The program for musl needs no library: it runs beside glibc too.
  return usesGlibc() ? [name, `${name}-musl`] : [`${name}-musl`];
}

function usesGlibc() {
  process.report.excludeNetwork = true; // else it looks up host names
  return Boolean(process.report.getReport().header.glibcVersionRuntime);
}

function program() {
  const file = process.platform === "win32" ? "dockline.exe" : "dockline";
  const names = candidates();
  for (const name of names) {
    try {
      return require.resolve(`${name}/bin/${file}`);
    } catch {
      // Not installed; the next one may be.
    }
  }
  fail(names);
}

function fail(names) {
  const platforms = Object.keys(optionalDependencies).map((name) => name.replace("@dockline/", ""));
  const known = names.find((name) => name in optionalDependencies);
  const lines = known
    ? [
        `dockline: the package ${known}, which holds the program for this platform, is not installed.`,
        "npm leaves it out with --omit=optional, and where node_modules comes from another platform.",
        `Install again without that, or add it: npm install ${known}`,
      ]
    : [
        `dockline: there is no program for ${process.platform} on ${process.arch}; there is one for ${platforms.join(", ")}.`,
        "With Rust and a C compiler: cargo install dockline",
      ];
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exit(2);
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit", windowsHide: true });
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
for (const signal of signals) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  process.stderr.write(`dockline: ${error.message}\n`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  // As a shell sees it: ended by the same signal.
  for (const one of signals) process.removeAllListeners(one);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
});
