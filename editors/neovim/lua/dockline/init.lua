-- The commands. Code actions have none of their own: |gra| offers them.
local M = {}

-- Long enough for a slow disk, short enough for somebody who waits.
local TIMEOUT = 10000

local function complain(message)
  vim.notify('dockline: ' .. message, vim.log.levels.ERROR)
end

-- The program that is started, as `cmd` of the configuration names it.
function M.program()
  local config = vim.lsp.config.dockline
  local cmd = config and config.cmd
  return type(cmd) == 'table' and cmd[1] or 'dockline'
end

-- Stops the server and starts it again, for all buffers that it serves.
function M.restart()
  local clients = vim.lsp.get_clients({ name = 'dockline' })
  for _, client in ipairs(clients) do
    client:stop()
  end
  vim.wait(TIMEOUT, function()
    return #vim.lsp.get_clients({ name = 'dockline' }) == 0
  end, 20)
  -- Attaches to the buffers that are open.
  vim.lsp.enable('dockline', false)
  vim.lsp.enable('dockline')
end

-- Shows what is known of the project around this file: the build context and why, the ignore file, the Go modules.
function M.context()
  local path = vim.api.nvim_buf_get_name(0)
  local ok, answer = pcall(function()
    return vim.system({ M.program(), 'context', path }, { text = true }):wait(TIMEOUT)
  end)
  if not ok or answer.code ~= 0 then
    return complain(ok and vim.trim(answer.stderr) or tostring(answer))
  end
  vim.cmd('new')
  local lines = vim.split(vim.trim(answer.stdout), '\n')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.modifiable, vim.bo.swapfile = 'nofile', 'wipe', false, false
  vim.api.nvim_win_set_height(0, math.min(#lines, 20))
  vim.keymap.set('n', 'q', '<cmd>close<cr>', { buffer = true, desc = 'Close' })
end

-- A server that answers: one that runs, else one for this folder.
local function client_for(folder)
  local client = vim.lsp.get_clients({ name = 'dockline' })[1]
  if client then
    return client
  end
  local config = vim.tbl_extend('force', vim.lsp.config.dockline, { name = 'dockline', root_dir = folder })
  local id = vim.lsp.start(config, { attach = false })
  client = id and vim.lsp.get_client_by_id(id)
  vim.wait(TIMEOUT, function()
    return client == nil or client.initialized == true
  end, 20)
  return client
end

-- Writes a Dockerfile and a .dockerignore for the Go module in the folder of this file, and shows the first. `title` names
-- one of several programs, as the server's complaint lists them.
function M.generate(title)
  local name = vim.api.nvim_buf_get_name(0)
  local folder = name ~= '' and vim.fs.dirname(name) or vim.uv.cwd()
  local client = client_for(folder)
  if not client then
    return complain('the server does not start, see :checkhealth dockline')
  end
  local answer, problem = client:request_sync('workspace/executeCommand', {
    command = 'dockline.generateDockerfile',
    arguments = { vim.uri_from_fname(folder), title },
  }, TIMEOUT)
  if not answer or answer.err then
    return complain(answer and answer.err.message or problem)
  end
  -- The files come behind the answer, as an edit.
  local path = vim.fs.joinpath(folder, 'Dockerfile')
  vim.wait(TIMEOUT, function()
    return vim.uv.fs_stat(path) ~= nil and vim.fn.bufloaded(path) == 1
  end, 20)
  vim.cmd.edit(vim.fn.fnameescape(path))
  vim.notify('dockline: look at Dockerfile and .dockerignore, :wall writes both')
end

-- The commands of a buffer that the server is attached to.
function M.commands(buffer)
  local function command(suffix, run, desc)
    vim.api.nvim_buf_create_user_command(buffer, 'Dockline' .. suffix, run, { desc = desc })
  end
  command('Restart', M.restart, 'Restart dockline')
  command('Context', M.context, 'Show the build context that dockline found')
end

return M
