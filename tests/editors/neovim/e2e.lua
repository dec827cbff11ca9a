-- Opens the file as a user does: findings, hover, an action, save. Any failure ends Neovim with code 1.
local rule, title = vim.env.DOCKLINE_RULE, vim.env.DOCKLINE_ACTION
local buffer = vim.api.nvim_get_current_buf()

local function say(...)
  io.stdout:write(table.concat({ ... }, ' '), '\n')
end

local function wait(what, condition)
  local result
  local ok = vim.wait(20000, function()
    result = condition()
    return result
  end, 20)
  if not ok then
    error('waited in vain for ' .. what, 0)
  end
  return result
end

local function findings()
  return vim.tbl_filter(function(found)
    return found.source == 'dockline'
  end, vim.diagnostic.get(buffer))
end

local function finding()
  for _, found in ipairs(findings()) do
    if found.code == rule then
      return found
    end
  end
end

local function float()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    end
  end
end

local function run()
  local client = wait('the server', function()
    local found = vim.lsp.get_clients({ bufnr = buffer, name = 'dockline' })[1]
    return found and found.initialized and found
  end)
  say('client', client.name, client.server_info.version, client.offset_encoding)

  local found = wait('the finding ' .. rule, finding)
  for _, each in ipairs(findings()) do
    say(('%d:%d %s: %s'):format(each.lnum + 1, each.col + 1, each.code, each.message))
  end

  vim.api.nvim_win_set_cursor(0, { 1, 1 })
  vim.lsp.buf.hover()
  local text = table.concat(wait('the hover', float), '\n')
  if not text:find('FROM', 1, true) then
    error('the hover says nothing of FROM: ' .. text, 0)
  end
  say('hover', text:sub(1, 60):gsub('\n', ' '), '')

  local outline = client:request_sync('textDocument/documentSymbol', {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
  }, 5000, buffer)
  if not outline or #outline.result == 0 then
    error('no outline', 0)
  end

  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
  local before, titles = vim.b[buffer].changedtick, {}
  local taken
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      titles[#titles + 1] = action.title
      local wanted = not taken and action.title:find(title, 1, true) ~= nil
      taken = taken or wanted
      return wanted
    end,
  })
  local ok = pcall(wait, 'the edit', function()
    return vim.b[buffer].changedtick ~= before
  end)
  say('actions', vim.inspect(titles))
  if not ok then
    error('the action was not applied: ' .. title, 0)
  end
  vim.cmd('write')
  wait('the finding to go', function()
    return not finding()
  end)

  client:stop()
  wait('the server to end', function()
    return client:is_stopped()
  end)
end

local ok, message = xpcall(run, function(message)
  return tostring(message)
end)
if not ok then
  say('FAILED:', message)
  vim.cmd('cquit 1')
end
vim.cmd('qall!')
