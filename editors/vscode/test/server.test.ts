import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, test } from 'node:test';

import { checkVersion, find, isOlder, isProgram, readVersion, type Surroundings } from '../src/server';

function around(programs: string[], more: Partial<Surroundings> = {}): Surroundings {
  return {
    setting: null,
    extension: '/ext',
    workspace: '/work',
    searchPath: ['/usr/bin', '/opt/bin', 'relative'].join(path.delimiter),
    platform: 'linux',
    isProgram: (file) => programs.includes(file),
    ...more,
  };
}

const folder = mkdtempSync(path.join(tmpdir(), 'dockline-'));
after(() => rmSync(folder, { recursive: true }));

/** A program that prints this. */
function script(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

test('the setting wins over the bundled program, which wins over PATH', () => {
  const all = ['/own/dockline', '/ext/server/dockline', '/opt/bin/dockline'];
  assert.deepEqual(find(around(all, { setting: '/own/dockline' })), { path: '/own/dockline', source: 'setting' });
  assert.deepEqual(find(around(all)), { path: '/ext/server/dockline', source: 'bundled' });
  assert.deepEqual(find(around(all.slice(2))), { path: '/opt/bin/dockline', source: 'PATH' });
});

test('an empty setting is none', () => {
  assert.equal(find(around(['/ext/server/dockline'], { setting: ' ' })).source, 'bundled');
});

test('a setting that names nothing is not passed over', () => {
  const surroundings = around(['/ext/server/dockline'], { setting: '/gone/dockline' });
  assert.throws(() => find(surroundings), /dockline\.server\.path is "\/gone\/dockline"/);
});

test('the setting may be a name, or begin with the home or the workspace', () => {
  assert.equal(find(around(['/opt/bin/mine'], { setting: 'mine' })).path, '/opt/bin/mine');
  const home = path.join(homedir(), 'bin/dockline');
  assert.equal(find(around([home], { setting: '~/bin/dockline' })).path, home);
  assert.equal(find(around(['/work/x/d'], { setting: '${workspaceFolder}/x/d' })).path, '/work/x/d');
  assert.equal(find(around(['/work/x/d'], { setting: './x/d' })).path, '/work/x/d');
});

test('a folder of PATH that depends on where one is does not count', () => {
  assert.throws(() => find(around(['relative/dockline'])), /was not found/);
});

test('Windows has programs with an ending', () => {
  const file = path.join('/ext', 'server', 'dockline.exe');
  assert.equal(find(around([file], { platform: 'win32' })).path, file);
});

test('nothing anywhere says what to do', () => {
  assert.throws(() => find(around([])), /Install it, or name it in dockline\.server\.path/);
});

test('versions are read and compared', () => {
  assert.equal(readVersion('dockline 0.1.0\n'), '0.1.0');
  assert.equal(readVersion('dockline 1.20.3-rc.1\n'), '1.20.3-rc.1');
  assert.equal(readVersion('hadolint 2.12.0'), undefined);
  assert.equal(isOlder('0.1.0', '0.1.0'), false);
  assert.equal(isOlder('0.9.9', '0.10.0'), true);
  assert.equal(isOlder('1.0.0', '0.10.0'), false);
});

test('a program is a file that may be started', () => {
  assert.equal(isProgram(script('program', 'true')), true);
  assert.equal(isProgram(folder), false);
  writeFileSync(path.join(folder, 'text'), '');
  assert.equal(isProgram(path.join(folder, 'text')), false);
});

test('a program is asked for its version', async () => {
  const check = (file: string) => checkVersion({ path: file, source: 'setting' }, process.env);
  assert.equal(await check(script('good', 'echo dockline 7.0.1')), '7.0.1');
  await assert.rejects(check(script('old', 'echo dockline 0.0.9')), /is dockline 0\.0\.9; this extension needs 0\.1\.0/);
  await assert.rejects(check(script('other', 'echo hello')), /does not say that it is dockline.*"hello"/);
  await assert.rejects(check(script('broken', 'echo no libc >&2; exit 1')), /can't be started: no libc/);
});
