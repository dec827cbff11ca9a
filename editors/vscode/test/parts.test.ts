import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { buildArguments, contextLine, count, readContext } from '../src/context';
import { Queue } from '../src/queue';
import { serverKeys, written } from '../src/settings';

test('tasks wait for each other, also for one that fails', async () => {
  const queue = new Queue();
  const order: string[] = [];
  const task = (name: string, wait: number, fails = false) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, wait));
    order.push(`${name} ends`);
    if (fails) {
      throw new Error(name);
    }
  };
  const first = queue.add(task('start', 20, true));
  const second = queue.add(task('stop', 1));
  await assert.rejects(first, /start/);
  await second;
  assert.deepEqual(order, ['start begins', 'start ends', 'stop begins', 'stop ends']);
});

test('only what is written down is sent', () => {
  const keys = ['preset', 'rules', 'actions.final-base', 'code-lenses', 'context'];
  const values: Record<string, object> = {
    preset: { defaultValue: 'recommended' },
    rules: { globalValue: { a: 'off', b: 'off' }, workspaceValue: { b: 'error' } },
    'actions.final-base': { globalValue: 'alpine', workspaceFolderValue: 'scratch' },
    'code-lenses': { globalValue: false },
    context: { globalValue: null },
  };
  assert.deepEqual(written(keys, (key) => values[key]), {
    rules: { a: 'off', b: 'error' },
    actions: { 'final-base': 'scratch' },
    'code-lenses': false,
  });
});

test('the settings of the server are those of package.json but the own ones', () => {
  const sections = JSON.parse(readFileSync('package.json', 'utf8')).contributes.configuration;
  const keys = sections.flatMap((section: { properties: Record<string, unknown> }) => serverKeys(section.properties));
  assert.ok(keys.includes('preset') && keys.includes('rules') && keys.includes('shellcheck.path'));
  assert.deepEqual(keys.filter((key: string) => /^(enable|server|trace)/.test(key)), []);
});

test('a context is read and told', () => {
  const file = { path: 'Dockerfile', context: { dir: 'a', why: 'holds it' }, modules: [{ dir: '.', path: 'm' }, { dir: 'b', path: 'n' }] };
  const known = readContext(JSON.stringify({ version: 1, files: [file] }));
  assert.equal(contextLine(known), 'context a, m, n');
  assert.equal(contextLine(readContext(JSON.stringify({ version: 1, files: [{ ...file, context: null }] }))), 'build context unknown');
  assert.equal(readContext('{"version":1,"files":[]}'), undefined);
  assert.deepEqual([0, 1, 2].map(count), ['no findings', '1 finding', '2 findings']);
});

test('a stage is built by name, the last one without', () => {
  assert.deepEqual(buildArguments('/w/Dockerfile', 'test', '.'), ['build', '--file', '/w/Dockerfile', '--target', 'test', '.']);
  assert.deepEqual(buildArguments('/w/Dockerfile', null, 'a'), ['build', '--file', '/w/Dockerfile', 'a']);
});
