-- What the plugin adds to the server: file type, help, health check, commands.
local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local steps = dofile(here .. '/steps.lua')

local function expect(what, condition)
  if not condition then
    error(what, 0)
  end
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local function health()
  vim.cmd('checkhealth dockline')
  local report = text()
  steps.say(report)
  for _, line in ipairs({ 'OK program: ', 'OK version: dockline ', 'small.containerfile', "settings: " }) do
    expect('the health check lacks: ' .. line, report:find(line, 1, true))
  end
  expect('the health check finds fault', not report:find('ERROR') and not report:find('WARNING'))
  vim.cmd('bdelete!')
end

local function context()
  vim.cmd('DocklineContext')
  expect('no context is shown: ' .. text(), text():find('example.com/hello', 1, true))
  vim.cmd('close')
end

local function restart(buffer)
  local before = steps.client(buffer)
  vim.cmd('DocklineRestart')
  local after = steps.wait('another server', function()
    local client = steps.client(buffer)
    return client.id ~= before.id and client
  end)
  expect('the first server still runs', before:is_stopped())
  steps.wait('an answer', function()
    return after:request_sync('textDocument/hover', vim.lsp.util.make_position_params(0, after.offset_encoding), 1000, buffer)
  end)
end

-- In a folder without a Dockerfile, from a file of another language.
local function generate()
  vim.fn.delete('Dockerfile')
  vim.cmd.edit('main.go')
  vim.cmd('DocklineGenerate')
  expect('not the Dockerfile is shown but ' .. vim.fn.bufname(), vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'Dockerfile')
  expect('it holds no build: ' .. text(), text():find('go build', 1, true))
  vim.cmd('silent wall')
  for _, name in ipairs({ 'Dockerfile', '.dockerignore' }) do
    expect(name .. ' is not written', (vim.uv.fs_stat(name) or { size = 0 }).size > 0)
  end
  local said
  vim.notify = function(message)
    said = message
  end
  vim.cmd('DocklineGenerate')
  expect('a Dockerfile that is there is written over', said and said:find('is there already', 1, true))
end

steps.run(function()
  local buffer = vim.api.nvim_get_current_buf()
  expect('small.containerfile is of the type ' .. vim.bo.filetype, vim.bo.filetype == 'dockerfile')
  steps.client(buffer)
  vim.cmd('helptags ALL')
  vim.cmd('help :DocklineRestart')
  vim.cmd('close')
  health()
  context()
  restart(buffer)
  generate()
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop()
  end
  steps.wait('the servers to end', function()
    return #vim.lsp.get_clients() == 0
  end)
end)
