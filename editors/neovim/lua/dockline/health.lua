-- :checkhealth dockline
local M = {}
local health = vim.health

local function program()
  local name = require('dockline').program()
  local path = vim.fn.exepath(name)
  if path == '' then
    health.error('`' .. name .. '` is not executable', {
      'Install dockline so that `dockline --version` answers in a shell, and start Neovim from there.',
      "Or name the program: vim.lsp.config('dockline', { cmd = { '/path/to/dockline', 'lsp' } })",
    })
    return
  end
  health.ok('program: ' .. path)
  local ok, answer = pcall(function()
    return vim.system({ path, '--version' }, { text = true }):wait(5000)
  end)
  if ok and answer.code == 0 and answer.stdout:find('^dockline ') then
    health.ok('version: ' .. vim.trim(answer.stdout))
  else
    health.error('`' .. path .. ' --version` does not answer as dockline does')
  end
end

local function servers()
  local clients = vim.lsp.get_clients({ name = 'dockline' })
  if #clients == 0 then
    health.warn('no server runs', {
      'It starts with the first Dockerfile that is opened; `:set filetype?` must say `dockerfile` there.',
      "Without the plugin's own start: vim.lsp.enable('dockline')",
    })
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_map(function(buffer)
      return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':~:.')
    end, vim.tbl_keys(client.attached_buffers))
    local version = client.server_info and client.server_info.version or 'of no known version'
    health.ok(('server %d (%s), root %s, attached to: %s'):format(
      client.id,
      version,
      client.root_dir or 'none',
      #buffers > 0 and table.concat(buffers, ', ') or 'nothing'
    ))
  end
end

local function others()
  for _, client in ipairs(vim.lsp.get_clients()) do
    if client.name:find('^docker') or client.name == 'tally' then
      health.info('another server for Dockerfiles runs too: ' .. client.name)
    end
  end
  local shellcheck = vim.fn.exepath('shellcheck')
  health.info(shellcheck ~= '' and 'ShellCheck: ' .. shellcheck or 'ShellCheck is not installed: RUN is checked without it')
end

function M.check()
  health.start('dockline')
  if not vim.lsp.enable then
    return health.error('Neovim 0.11 is needed for this plugin', { ':help dockline-old has a way for older versions.' })
  end
  program()
  servers()
  local settings = (vim.lsp.config.dockline or {}).settings
  health.info('settings: ' .. (settings and vim.inspect(settings) or 'none, the defaults and dockline.toml hold'))
  others()
end

return M
